package org.draugar.transport;

import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Writes frames that were queued to WebSockets, one WebSocket after the other. What is queued while it is busy with
 * others goes out in the same write: so a server with much to do writes rarely, and one with little does at once.
 * Writing is what costs most. Thread-safe.
 */
@Singleton
public class Flusher implements Executor {
    private static final Logger LOG = System.getLogger(Flusher.class.getName());
    private static final int PATIENCE_SECONDS = 1;
    /** A mark that ends the thread. */
    private static final Runnable STOP = () -> {};

    private final LinkedBlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch written = new CountDownLatch(1);
    /** By deadline, as all wait equally long. For the flusher's thread alone. */
    private final Queue<Ending> endings = new ArrayDeque<>();

    private record Ending(long deadline, Runnable end) {}

    /** Starts writing. */
    public void start(ThreadFactory threads) {
        Thread thread = threads.newThread(this::run);
        thread.setName("draugar-flusher");
        thread.start();
    }

    /**
     * Waits until what was queued is written, for a second at most, and ends a moment later: peers answer a goodbye, and
     * then their connections are closed.
     */
    public void stop() {
        waiting.add(STOP);
        try {
            written.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param flush writes what waits for one peer; does not block on it */
    @Override
    public void execute(Runnable flush) {
        waiting.add(flush);
    }

    /** Runs something in a second. To be called in the flusher's thread alone. */
    void inASecond(Runnable end) {
        endings.add(new Ending(System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), end));
    }

    private static void flush(Runnable flush) {
        try {
            flush.run();
        } catch (RuntimeException e) {
            // What one peer's connection makes of its end is not to stop the others' frames.
            LOG.log(Level.WARNING, "A connection could not be written to", e);
        }
    }

    /** What is to be written next; meanwhile what has had its time ends. */
    private Runnable next() throws InterruptedException {
        while (!endings.isEmpty()) {
            long left = endings.element().deadline() - System.nanoTime();
            Runnable next = left > 0
                    ? waiting.poll(left, TimeUnit.NANOSECONDS)
                    : endings.remove().end();
            if (next != null) {
                return next;
            }
        }
        return waiting.take();
    }

    private void run() {
        try {
            for (Runnable next = next(); next != STOP; next = next()) {
                flush(next);
            }
            written.countDown();
            Runnable last = waiting.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            while (last != null) {
                flush(last);
                last = waiting.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
