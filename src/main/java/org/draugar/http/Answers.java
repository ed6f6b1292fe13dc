package org.draugar.http;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes the answers of threads that wait until their peer reads: few of them may. When more do, those that have waited
 * longest end, and their connections with them. So peers that ask for much and read nothing keep no thread from the
 * others. Without a lock for all: whoever waits for one that many want waits for the scheduler each time. Thread-safe.
 */
@Singleton
public class Answers {
    static final int MAX_WAITING = 32;
    /** Whoever reads at all has taken some of the kernel's buffer by then; nobody is ended before. */
    private static final Duration AT_ONCE = Duration.ofMillis(50);
    /** For one piece of an answer, however few wait. */
    private static final Duration WITHIN = Duration.ofSeconds(20);
    /** What came over a connection before it was given up is served by then, or never. */
    private static final Duration REMEMBERED = Duration.ofMinutes(1);

    /** Who writes right now. */
    private final Set<Wait> waits = ConcurrentHashMap.newKeySet();

    /** The connections that were given up, and when, as {@link System#nanoTime()} has it. */
    private final Map<String, Long> givenUp = new ConcurrentHashMap<>();

    /** A piece of an answer. */
    interface Piece {
        void write() throws IOException;
    }

    /** Writes a piece of at most some KB. @throws IOException also when its peer has let it wait for too long */
    void write(Piece piece) throws IOException {
        Wait wait = new Wait();
        waits.add(wait);
        boolean ended;
        try {
            piece.write();
        } finally {
            waits.remove(wait);
            ended = wait.done();
        }
        if (ended) {
            throw new IOException("The peer does not read");
        }
    }

    /** Closes a stream that nobody reads from: by itself it would wait to write what it still has. */
    static void giveUp(Piece close) {
        try {
            Thread.currentThread().interrupt();
            close.write();
        } catch (IOException | RuntimeException e) {
            // As it should.
        } finally {
            Thread.interrupted();
        }
    }

    /**
     * Serves a connection no more: one container closes it only once its peer has read all, and serves what else came
     * over it until then.
     */
    void giveUp(String connection) {
        givenUp.put(connection, System.nanoTime());
    }

    boolean isGivenUp(String connection) {
        return givenUp.containsKey(connection);
    }

    /** To be run ten times a second: ends what waits for too long. */
    public void look() {
        long now = System.nanoTime();
        List<Wait> all = new ArrayList<>(waits);
        all.sort(Comparator.comparingLong(wait -> wait.begun - now));
        for (int i = 0; i < all.size(); i++) {
            long waited = now - all.get(i).begun;
            boolean tooMany = i < all.size() - MAX_WAITING && waited > AT_ONCE.toNanos();
            if (tooMany || waited > WITHIN.toNanos()) {
                all.get(i).end();
            }
        }
        givenUp.values().removeIf(since -> now - since > REMEMBERED.toNanos());
    }

    private static final class Wait {
        private final Thread writer = Thread.currentThread();
        private final long begun = System.nanoTime();
        /** Guarded by this, as all that follow. */
        private boolean done;

        private boolean ended;

        synchronized void end() {
            if (!done) {
                ended = true;
                writer.interrupt();
            }
        }

        /** @return whether it was ended */
        synchronized boolean done() {
            done = true;
            if (ended) {
                // It was for this wait alone.
                Thread.interrupted();
            }
            return ended;
        }
    }
}
