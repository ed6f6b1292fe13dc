package org.draugar.stream;

import java.time.Instant;

/**
 * Places in a family's stream. They start with the clock's milliseconds, so that they grow across restarts too, and stay
 * below 2^53, which JavaScript can count to.
 */
public final class Offsets {
    static final int PER_MILLISECOND = 4096;

    private Offsets() {}

    /** The lowest offset of what happens at a moment. */
    public static long at(Instant moment) {
        return at(moment.toEpochMilli());
    }

    /** The lowest offset of what happens at a moment, in milliseconds since 1970. */
    static long at(long epochMilli) {
        return epochMilli * PER_MILLISECOND;
    }

    /** When what has an offset happened. */
    public static Instant moment(long offset) {
        return Instant.ofEpochMilli(offset / PER_MILLISECOND);
    }

    /** The lowest offset of what happens now. */
    public static long now() {
        return at(System.currentTimeMillis());
    }
}
