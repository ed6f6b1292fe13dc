package org.draugar.transport;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells containers that keep frames to write them (Jakarta WebSocket 2.1, {@code RemoteEndpoint.flushBatch}), rarely
 * and soon: one thread at a time tells for all. Such containers write in threads of their own, so that telling them is
 * quick, and whoever brings an event does it right after; it spares the waking of the {@link Flusher}. Thread-safe.
 */
@Singleton
public class Batches implements Executor {
    /** So many are told by who came with an event of its own, which then has others to read; the rest is the flusher's. */
    private static final int MAX = 32;

    private final Flusher flusher;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    /** Whether somebody tells, or will in a moment, so that nobody else need. */
    private final AtomicBoolean claimed = new AtomicBoolean();

    @Inject
    Batches(Flusher flusher) {
        this.flusher = flusher;
    }

    /** @param flush tells the container to write what it keeps for one peer; does not block */
    @Override
    public void execute(Runnable flush) {
        waiting.add(flush);
        if (!claimed.get()) {
            flusher.execute(this::tellAll);
        }
    }

    /**
     * Runs what sends to several peers, and tells for all of them afterwards.
     *
     * @param sending does not block
     */
    public void together(Runnable sending) {
        boolean mine = claimed.compareAndSet(false, true);
        try {
            sending.run();
        } finally {
            if (mine) {
                tell(MAX);
            }
        }
    }

    private void tellAll() {
        if (claimed.compareAndSet(false, true)) {
            tell(Integer.MAX_VALUE);
        }
    }

    /** Only who has claimed it comes here. */
    private void tell(int most) {
        try {
            Runnable next = waiting.poll();
            for (int told = 0; next != null; next = ++told < most ? waiting.poll() : null) {
                next.run();
            }
        } finally {
            claimed.set(false);
            // Whoever added meanwhile has seen that it was claimed, and relies on that.
            if (!waiting.isEmpty()) {
                flusher.execute(this::tellAll);
            }
        }
    }
}
