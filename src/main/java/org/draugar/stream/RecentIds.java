package org.draugar.stream;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * What a follower was told last. An event whose sender got no answer is sent again with the same id; where the engine has
 * forgotten the first one meanwhile, it gets another place. Not thread-safe.
 */
final class RecentIds {
    private static final int MAX = 128;
    private static final long NANOS = TimeUnit.MINUTES.toNanos(10);

    private long[] now = new long[8];
    private int next;
    private long[] before = {};
    private long turned;

    /** The engine has forgotten what it knew. */
    void turn() {
        before = now;
        now = new long[8];
        next = 0;
        turned = System.nanoTime();
    }

    /** @return whether it was told before the engine forgot it */
    boolean isToldBefore(Envelope event) {
        if (event.id() == null) {
            return false;
        }
        long hash = hash(event);
        if (before.length > 0) {
            if (System.nanoTime() - turned > NANOS) {
                before = new long[0];
            }
            for (long told : before) {
                if (told == hash) {
                    return true;
                }
            }
        }
        if (next == now.length) {
            if (next < MAX) {
                now = Arrays.copyOf(now, 2 * next);
            } else {
                next = 0;
            }
        }
        now[next++] = hash;
        return false;
    }

    /** Never 0, which is an empty place. */
    private static long hash(Envelope event) {
        long hash = event.key().member().value() * 0x9E3779B97F4A7C15L;
        String id = event.id();
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001B3L;
            hash ^= hash >>> 29;
        }
        return hash == 0 ? 1 : hash;
    }
}
