package org.draugar.location;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;

/**
 * Work that waits for the store, away from the threads that read from phones, and what came behind it after it: member by
 * member, in the order in which it came. Thread-safe.
 */
final class InOrder {
    /** As much of one member's waits at most: a tunnel's worth, and no flood that others would find no room beside. */
    private static final int MAX_WAITING = 2000;

    /** As much of all members' together: each piece holds a position, of up to 4 KB where it is encrypted. */
    private static final int MAX_WAITING_IN_ALL = 10_000;

    private final Map<MemberId, Deque<Runnable>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger inAll = new AtomicInteger();
    private volatile Executor executor = Runnable::run;

    void start(Executor background) {
        executor = background;
    }

    /**
     * Puts work behind what already waits.
     *
     * @return false when nothing waits, and the work may be done at once
     * @throws Problem 503 when too much waits
     */
    boolean join(MemberId member, Runnable work) {
        // What follows is once for each position: most members have nothing that waits.
        return waiting.containsKey(member) && waiting.computeIfPresent(member, (m, queue) -> with(queue, work)) != null;
    }

    /**
     * Lets work wait for the store.
     *
     * @throws Problem 503 when too much waits, or the server stops
     */
    void await(MemberId member, Runnable work) {
        boolean[] first = new boolean[1];
        waiting.compute(member, (m, queue) -> {
            first[0] = queue == null;
            return with(first[0] ? new ArrayDeque<>() : queue, work);
        });
        if (first[0]) {
            try {
                executor.execute(() -> doAll(member));
            } catch (RejectedExecutionException e) {
                inAll.addAndGet(-waiting.remove(member).size());
                throw new Problem(503, "The server stops");
            }
        }
    }

    private Deque<Runnable> with(Deque<Runnable> queue, Runnable work) {
        if (queue.size() >= MAX_WAITING || inAll.get() >= MAX_WAITING_IN_ALL) {
            throw new Problem(503, "Too many positions wait for the store; send it again later", Duration.ofSeconds(5));
        }
        inAll.incrementAndGet();
        queue.add(work);
        return queue;
    }

    private void doAll(MemberId member) {
        while (true) {
            Runnable[] next = new Runnable[1];
            // The queue goes with its last piece of work: what comes then may be done at once.
            waiting.computeIfPresent(member, (m, queue) -> {
                next[0] = queue.poll();
                return next[0] == null ? null : queue;
            });
            if (next[0] == null) {
                return;
            }
            inAll.decrementAndGet();
            next[0].run();
        }
    }
}
