package org.draugar.http;

import jakarta.inject.Singleton;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;

/**
 * Writes frames that were queued to WebSockets, one WebSocket after the other. What is queued while it is busy with
 * others goes out in the same write: so a server with much to do writes rarely, and one with little does at once.
 * Writing is what costs most. Thread-safe.
 */
@Singleton
public class Flusher {
    /** A mark that ends a thread. */
    private static final Runnable STOP = () -> {};

    private final LinkedBlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();

    /** Starts writing. */
    public void start(ThreadFactory threads) {
        Thread thread = threads.newThread(this::run);
        thread.setName("draugar-flusher");
        thread.start();
    }

    /** Ends after what waits is written. */
    public void stop() {
        waiting.add(STOP);
    }

    /** @param flush writes what waits for one peer; does not block on it, and does not throw */
    void add(Runnable flush) {
        waiting.add(flush);
    }

    private void run() {
        try {
            for (Runnable next = waiting.take(); next != STOP; next = waiting.take()) {
                next.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
