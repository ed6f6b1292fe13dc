package org.draugar.location;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.draugar.http.Problem;

/**
 * Writes reports to the store in groups, one commit for all that came in while the last commit ran. Nobody live waits
 * for it; whoever wants an acknowledgement does. It never drops: when the store is away the reports wait here, and when
 * too many wait, new ones are refused. Thread-safe.
 */
@Singleton
public class Journal {
    private static final Logger LOG = System.getLogger(Journal.class.getName());
    /** Most reports that wait for the store. */
    public static final int MOST_WAITING = 20_000;

    private static final Entry STOP = new Entry(null, null);
    private static final int MOST_IN_A_COMMIT = 1000;
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long RETRY_MILLIS = 500;

    private final Locations locations;
    private final Semaphore room = new Semaphore(MOST_WAITING);
    private final LinkedBlockingQueue<Entry> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private Thread writer;

    @Resource
    private ManagedThreadFactory threads;

    @Inject
    Journal(Locations locations) {
        this.locations = locations;
    }

    private record Entry(LocationShared fact, CompletableFuture<Void> stored) {}

    /** Starts writing. */
    public void start() {
        writer = threads.newThread(this::write);
        writer.setName("draugar-journal");
        writer.start();
    }

    /** Writes what still waits, for at most a few seconds, and ends. */
    public void stop() {
        stopping.countDown();
        if (writer == null) {
            return;
        }
        // Never by interrupt: it would close the file under the embedded database.
        waiting.add(STOP);
        try {
            writer.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many reports wait for the store right now. */
    public int waiting() {
        return MOST_WAITING - room.availablePermits();
    }

    /** @throws Problem 503 when there is no room for another report */
    void reserve() {
        if (!room.tryAcquire()) {
            throw new Problem(
                    503, "The server cannot keep up with storing; send it again later", Duration.ofSeconds(5));
        }
    }

    /** Gives back the place that {@link #reserve()} kept. */
    void release() {
        room.release();
    }

    /** Takes the place that {@link #reserve()} kept. */
    void append(LocationShared fact, CompletableFuture<Void> stored) {
        waiting.add(new Entry(fact, stored));
    }

    private void write() {
        List<Entry> group = new ArrayList<>(MOST_IN_A_COMMIT);
        try {
            while (true) {
                group.add(waiting.take());
                // A commit writes whole pages, however few rows it brings: wait a moment for company.
                LockSupport.parkNanos(GATHER_NANOS);
                waiting.drainTo(group, MOST_IN_A_COMMIT - 1);
                boolean last = group.remove(STOP);
                if (!group.isEmpty()) {
                    writeUntilStored(group);
                    room.release(group.size());
                    group.clear();
                }
                if (last) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "The server ended the writer", e);
        }
    }

    private void writeUntilStored(List<Entry> group) throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                locations.add(group.stream().map(Entry::fact).toList());
                group.forEach(entry -> entry.stored().complete(null));
                if (told) {
                    LOG.log(Level.INFO, "The store answers again");
                }
                return;
            } catch (RuntimeException | SQLException e) {
                if (Failures.isRejected(e)) {
                    if (group.size() == 1) {
                        // This very report will never fit, such as one of a member who was removed meanwhile.
                        group.get(0).stored().completeExceptionally(e);
                        return;
                    }
                    for (Entry entry : group) {
                        writeUntilStored(List.of(entry));
                    }
                    return;
                }
                if (!told) {
                    LOG.log(Level.WARNING, "The store does not answer; reports wait: {0}", e.getMessage());
                    told = true;
                }
                if (stopping.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    group.forEach(entry -> entry.stored().completeExceptionally(e));
                    return;
                }
            }
        }
    }
}
