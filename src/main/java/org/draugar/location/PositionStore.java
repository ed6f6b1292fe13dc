package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.monitoring.Metrics;
import org.draugar.store.Store;

/**
 * Makes reports safe, in groups: one commit, and one sync of the disk, for all that came in while the last one ran.
 * Nobody live waits for it; whoever wants an acknowledgement does. It never drops: when the store is away the reports
 * wait here, and when too many wait, new ones are refused. Several servers may write to one database: a report that is
 * there already stays as it is. Thread-safe.
 */
@Singleton
public class PositionStore {
    private static final Logger LOG = System.getLogger(PositionStore.class.getName());
    /** Most reports that wait for the store; one that is encrypted counts as one for each kilobyte. */
    public static final int MAX_WAITING = 20_000;

    private static final Entry STOP = new Entry(null, new CompletableFuture<>());
    private static final int MAX_IN_A_GROUP = 5000;
    /**
     * Most bytes of a commit, more or less: H2 makes room in memory for all of it at once, and doubles it until it fits.
     */
    private static final int MAX_IN_A_COMMIT = 512 * 1024;
    /** A commit writes whole pages, however few reports it brings: they wait a moment for company. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** Where as many came along, the next wait longer: a commit takes a processor that live positions wait for. */
    private static final int CROWD = 10;

    private static final long GATHER_CROWD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long RETRY_MILLIS = 500;
    private static final int PATIENCE_SECONDS = 10;

    /** Every server inserts in this order, and so none waits for another that waits for it. */
    private static final Comparator<Entry> ORDER = Comparator.<Entry>comparingLong(
                    entry -> entry.kept().member().value())
            .thenComparingLong(entry -> entry.kept().measuredAt())
            .thenComparingLong(entry -> entry.kept().offset());

    private final Store store;
    private final Semaphore room = new Semaphore(MAX_WAITING);
    private final LinkedBlockingQueue<Entry> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicLong count = new AtomicLong();
    private Thread writer;

    @Inject
    PositionStore(Store store) {
        this.store = store;
    }

    /** @param kept null for a mark that only wants to know when everything before it is written */
    private record Entry(StoredReport kept, CompletableFuture<Void> stored, long since) {
        Entry(StoredReport kept, CompletableFuture<Void> stored) {
            this(kept, stored, System.nanoTime());
        }
    }

    /** Starts writing, with what an earlier version has left in its journals. */
    public void start(ThreadFactory threads) {
        new EarlierJournals(store).move();
        writer = threads.newThread(this::write);
        writer.setName("draugar-positions");
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
        return MAX_WAITING - room.availablePermits();
    }

    /** How many reports were made safe since the start. */
    public long count() {
        return count.get();
    }

    /** @throws Problem 503 when there is no room for another report, or nowhere to keep it */
    void reserve(Report report) {
        if (store.isTakenOver()) {
            throw new Problem(503, "This server has lost its database to another one; its operator must look");
        }
        if (!room.tryAcquire(size(report))) {
            throw new Problem(
                    503, "The server cannot keep up with storing; send it again later", Duration.ofSeconds(5));
        }
    }

    /** Gives back the place that {@link #reserve} kept. */
    void release(Report report) {
        room.release(size(report));
    }

    private static int size(Report report) {
        return report instanceof Encrypted encrypted ? 1 + encrypted.c().length() / 1024 : 1;
    }

    /**
     * Takes the place that {@link #reserve} kept.
     *
     * @param stored completes when the report is safe; with a {@link Problem} where the database takes no such value
     */
    void append(StoredReport kept, CompletableFuture<Void> stored) {
        waiting.add(new Entry(kept, stored));
    }

    /**
     * Waits until everything appended before is safe, so that reading afterwards finds it.
     *
     * @throws Problem 503 when the store does not answer in time
     */
    void awaitStored() {
        try {
            flush().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new Problem(503, "The store does not answer right now; try again in a moment");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(503, "The server stops");
        }
    }

    /** Completes when everything appended before is safe. */
    public CompletableFuture<Void> flush() {
        CompletableFuture<Void> mark = new CompletableFuture<>();
        waiting.add(new Entry(null, mark));
        // Somebody waits for it: on some servers a thread that others' connections need.
        LockSupport.unpark(writer);
        return mark;
    }

    private void write() {
        List<Entry> group = new ArrayList<>(MAX_IN_A_GROUP);
        int came = 0;
        try {
            while (true) {
                Entry first = waiting.take();
                group.add(first);
                if (first.kept() != null && group.size() + waiting.size() < MAX_IN_A_GROUP) {
                    LockSupport.parkNanos(came < CROWD ? GATHER_NANOS : GATHER_CROWD_NANOS);
                }
                waiting.drainTo(group, MAX_IN_A_GROUP - 1);
                came = group.size();
                boolean last = group.remove(STOP);
                writeUntilStored(group);
                group.clear();
                if (last) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "The server ended the writer", e);
        }
    }

    private void writeUntilStored(List<Entry> group) throws InterruptedException {
        List<Entry> reports = group.stream()
                .filter(entry -> entry.kept() != null)
                .sorted(ORDER)
                .toList();
        boolean told = false;
        while (true) {
            try {
                if (!reports.isEmpty()) {
                    insertAll(reports);
                    store.sync();
                }
                break;
            } catch (RuntimeException e) {
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
        if (told) {
            LOG.log(Level.INFO, "The store answers again");
        }
        long now = System.nanoTime();
        for (Entry entry : reports) {
            count.incrementAndGet();
            Metrics.stored(entry.since(), now);
            release(entry.kept().report());
        }
        group.forEach(entry -> entry.stored().complete(null));
    }

    private void insertAll(List<Entry> reports) {
        int first = 0;
        while (first < reports.size()) {
            int end = first;
            for (int size = 0; end < reports.size() && size < MAX_IN_A_COMMIT; end++) {
                size += reports.get(end).kept().size();
            }
            insert(reports.subList(first, end));
            first = end;
        }
    }

    /** In one transaction; where the database refuses one of the reports, in two, and so on until that one is alone. */
    private void insert(List<Entry> reports) {
        List<StoredReport> kept = reports.stream().map(Entry::kept).toList();
        try {
            store.jdbi().useTransaction(handle -> PositionTable.insert(handle, kept));
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (!state.startsWith("22") && !state.startsWith("23")) {
                // Without the cause, which may say what was in a report.
                throw new IllegalStateException("SQLSTATE " + state);
            }
            if (reports.size() > 1) {
                int half = reports.size() / 2;
                insert(reports.subList(0, half));
                insert(reports.subList(half, reports.size()));
            } else if (isMember(kept.get(0).member())) {
                reports.get(0)
                        .stored()
                        .completeExceptionally(
                                new Problem(400, "This position has a value that the database does not take"));
            }
            // What a member sent who is removed meanwhile goes with them.
        }
    }

    private boolean isMember(MemberId member) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select id from member where id = :member")
                .bind("member", member.value())
                .mapTo(Long.class)
                .findOne()
                .isPresent());
    }
}
