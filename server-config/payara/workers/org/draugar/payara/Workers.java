package org.draugar.payara;

import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.memory.MemoryManager;
import org.glassfish.grizzly.memory.ThreadLocalPool;
import org.glassfish.grizzly.memory.ThreadLocalPoolProvider;
import org.glassfish.grizzly.threadpool.DefaultWorkerThread;

/**
 * The threads that serve requests in Payara: as many as are needed at a time, and the one that was last busy first.
 *
 * <p>Payara's own pool asks the one that has rested longest. So after a crowd has come, all of its 200 take turns
 * forever, each with a stack that the processor has forgotten meanwhile, and the collector looks through all of them.
 * Here, those that a crowd needed go again. All else is as there: how many there may be, how many requests may wait for
 * one, and how long one may take.
 */
public final class Workers extends ThreadPoolExecutor {
    /** For requests that wait for the disk, or for a peer that is slow to say what it wants. */
    private static final int MOST = 200;

    private static final int MOST_WAITING = 4096;
    private static final int SECONDS_TO_REST = 10;

    /** A peer that says a byte now and then must not keep a thread for good. */
    private static final long SECONDS_FOR_A_REQUEST = 900;

    private static final int SECONDS_BETWEEN_LOOKS = 30;

    private final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Set<Worker> workers = ConcurrentHashMap.newKeySet();
    private final Thread usher = new Thread(this::usher, "http-usher");

    /** Payara calls it by its name, which is set in its thread pool's {@code classname}. */
    public Workers() {
        // Not a fair queue: of those who wait in it, it serves the last first.
        super(0, MOST, SECONDS_TO_REST, TimeUnit.SECONDS, new SynchronousQueue<>());
        setThreadFactory(work -> new Worker(work));
        setRejectedExecutionHandler((work, all) -> {
            // Whoever brings work reads for everybody, and must not wait for one of those that are busy.
            if (isShutdown() || !waiting.offer(work)) {
                throw new RejectedExecutionException("all threads are busy, and too many requests wait already");
            }
        });
        usher.setDaemon(true);
        usher.start();
    }

    /** Sends who waits in as soon as somebody is free, and whoever takes too long out. */
    private void usher() {
        Runnable next = null;
        try {
            while (!isTerminated()) {
                if (next == null) {
                    next = waiting.poll(SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS);
                }
                if (next != null && getQueue().offer(next, SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS)) {
                    next = null;
                }
                long now = System.nanoTime();
                workers.forEach(worker -> worker.endAfter(SECONDS_FOR_A_REQUEST, now));
            }
        } catch (InterruptedException e) {
            // The server stops.
        }
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable work) {
        // What the last request left behind would be another application's.
        thread.setContextClassLoader(Workers.class.getClassLoader());
        ((Worker) thread).begun = System.nanoTime();
        ((Worker) thread).busy = true;
    }

    @Override
    protected void afterExecute(Runnable work, Throwable failure) {
        ((Worker) Thread.currentThread()).busy = false;
    }

    @Override
    protected void terminated() {
        usher.interrupt();
    }

    /** One of Grizzly's own, which has buffers at hand. */
    private final class Worker extends DefaultWorkerThread {
        private volatile long begun;
        private volatile boolean busy;

        Worker(Runnable work) {
            super(Grizzly.DEFAULT_ATTRIBUTE_BUILDER, "http-worker", buffers(), work);
            setDaemon(true);
        }

        @Override
        public void run() {
            workers.add(this);
            try {
                super.run();
            } finally {
                workers.remove(this);
            }
        }

        void endAfter(long seconds, long now) {
            if (busy && now - begun > TimeUnit.SECONDS.toNanos(seconds)) {
                interrupt();
            }
        }
    }

    private static ThreadLocalPool<?> buffers() {
        return MemoryManager.DEFAULT_MEMORY_MANAGER instanceof ThreadLocalPoolProvider provider
                ? provider.createThreadLocalPool()
                : null;
    }
}
