package org.draugar.http;

import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;

/**
 * Writes frames that were queued to WebSockets, one WebSocket after the other. What is queued while it is busy with
 * others goes out in the same write: so a server with much to do writes rarely, and one with little does at once.
 * Writing is what costs most. Thread-safe.
 */
@Singleton
public class Flusher {
    private static final Logger LOG = System.getLogger(Flusher.class.getName());
    /** A mark that ends a thread. */
    private static final Runnable STOP = () -> {};

    private final LinkedBlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
    private volatile boolean stopped;

    /** Starts writing. */
    public void start(ThreadFactory threads) {
        Thread thread = threads.newThread(this::run);
        thread.setName("draugar-flusher");
        thread.start();
    }

    /** Ends once what waits is written. What comes then is written at once. */
    public void stop() {
        stopped = true;
        waiting.add(STOP);
    }

    /** @param flush writes what waits for one peer; does not block on it */
    void add(Runnable flush) {
        if (stopped) {
            flush(flush);
        } else {
            waiting.add(flush);
        }
    }

    private static void flush(Runnable flush) {
        try {
            flush.run();
        } catch (RuntimeException e) {
            // What one peer's connection makes of its end is not to stop the others' frames.
            LOG.log(Level.WARNING, "A connection could not be written to", e);
        }
    }

    private void run() {
        try {
            for (Runnable next = waiting.take(); next != STOP; next = waiting.take()) {
                flush(next);
            }
            // What was added while it was stopped.
            for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                flush(next);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
