package org.draugar.store;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.http.Problem;

/**
 * Work that waits for the store, away from the threads that read from phones, and what came behind it after it: peer by
 * peer, in the order in which it came. Thread-safe.
 *
 * @param <K> whose work it is
 */
public final class InOrder<K> {
    /** As much of all together: each piece holds a message of up to some KB. */
    private static final int MAX_WAITING_IN_ALL = 10_000;

    private static final Logger LOG = System.getLogger(InOrder.class.getName());

    private final int maxWaiting;

    private final Map<K, Deque<Runnable>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger inAll = new AtomicInteger();
    private volatile Executor executor = Runnable::run;

    /** @param maxWaiting as much of one peer's waits at most, so that others find room beside it */
    public InOrder(int maxWaiting) {
        this.maxWaiting = maxWaiting;
    }

    /** To be called once, with what runs the work. */
    public void start(Executor background) {
        executor = background;
    }

    /**
     * Puts work behind what already waits.
     *
     * @return false when nothing waits, and the work may be done at once
     * @throws Problem 503 when too much waits
     */
    public boolean join(K key, Runnable work) {
        // What follows is once for each position: most members have nothing that waits.
        return waiting.containsKey(key) && waiting.computeIfPresent(key, (k, queue) -> with(queue, work)) != null;
    }

    /**
     * Lets work wait for the store.
     *
     * @throws Problem 503 when too much waits
     */
    public void await(K key, Runnable work) {
        boolean[] first = new boolean[1];
        waiting.compute(key, (k, queue) -> {
            first[0] = queue == null;
            return with(first[0] ? new ArrayDeque<>() : queue, work);
        });
        if (first[0]) {
            try {
                executor.execute(() -> doAll(key));
            } catch (RejectedExecutionException e) {
                // The server stops. Others may have joined: what waits is done here rather than lost.
                doAll(key);
            }
        }
    }

    private Deque<Runnable> with(Deque<Runnable> queue, Runnable work) {
        if (queue.size() >= maxWaiting || inAll.get() >= MAX_WAITING_IN_ALL) {
            throw new Problem(503, "Too much waits for the store; send it again later", Duration.ofSeconds(5));
        }
        inAll.incrementAndGet();
        queue.add(work);
        return queue;
    }

    private void doAll(K key) {
        while (true) {
            Runnable[] next = new Runnable[1];
            // The queue goes with its last piece of work: what comes then may be done at once.
            waiting.computeIfPresent(key, (k, queue) -> {
                next[0] = queue.poll();
                return next[0] == null ? null : queue;
            });
            if (next[0] == null) {
                return;
            }
            inAll.decrementAndGet();
            try {
                next[0].run();
            } catch (RuntimeException | Error e) {
                // What waits behind it must not wait for ever.
                LOG.log(Level.WARNING, "Work that waited for the store failed", e);
            }
        }
    }
}
