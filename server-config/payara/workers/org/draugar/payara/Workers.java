package org.draugar.payara;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
 * Here, those that a crowd needed go again.
 */
public final class Workers extends ThreadPoolExecutor {
    /** For requests that wait for the disk, or for a peer that is slow to say what it wants. */
    private static final int MOST = 200;

    private static final int SECONDS_TO_REST = 10;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Payara calls it by its name, which is set in its thread pool's {@code classname}. */
    public Workers() {
        // Not a fair queue: of those who wait in it, it serves the last first.
        super(0, MOST, SECONDS_TO_REST, TimeUnit.SECONDS, new SynchronousQueue<>(), Workers::thread, Workers::await);
    }

    /** One of Grizzly's own, which has buffers at hand. */
    private static Thread thread(Runnable work) {
        ThreadLocalPool<?> buffers = MemoryManager.DEFAULT_MEMORY_MANAGER instanceof ThreadLocalPoolProvider provider
                ? provider.createThreadLocalPool()
                : null;
        Thread thread = new DefaultWorkerThread(
                Grizzly.DEFAULT_ATTRIBUTE_BUILDER, "http-" + NUMBER.incrementAndGet(), buffers, work);
        thread.setDaemon(true);
        return thread;
    }

    /** All are busy: whoever brings more waits for one. */
    private static void await(Runnable work, ThreadPoolExecutor workers) {
        if (workers.isShutdown()) {
            throw new RejectedExecutionException("The server is stopping");
        }
        try {
            workers.getQueue().put(work);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException(e);
        }
    }
}
