package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.draugar.http.Problem;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * Makes reports safe, in groups: one commit, and one sync of the disk, for all that came in while the last one ran.
 * Nobody live waits for it; whoever wants an acknowledgement does. It never drops: when the store is away the reports
 * wait here, and when too many wait, new ones are refused. {@link Tracks} files them for reading: it lets the journal
 * turn to its other table, and empties the one that was written to until then. Thread-safe.
 */
@Singleton
public class Journal {
    private static final Logger LOG = System.getLogger(Journal.class.getName());
    /** Most reports that wait for the store; one that is encrypted counts as one for each kilobyte. */
    public static final int MOST_WAITING = 20_000;

    private static final Entry STOP = new Entry(null, new CompletableFuture<>());
    private static final int MOST_IN_A_COMMIT = 5000;
    /** A commit writes whole pages, however few reports it brings: they wait a moment for company. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** Where as many came along, the next wait longer: a commit takes a processor that live positions wait for. */
    private static final int CROWD = 10;

    private static final long GATHER_CROWD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long RETRY_MILLIS = 500;
    private static final List<String> TABLES = List.of("journal", "journal_other");
    /** Few rows, because each can have a quarter of a megabyte. */
    private static final int PAGE = 50;

    private final Store store;
    private final Semaphore room = new Semaphore(MOST_WAITING);
    private final LinkedBlockingQueue<Entry> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicLong count = new AtomicLong();
    private volatile long written;
    /** Which of the tables is written to; guarded by this. */
    private int table;
    /** For the writer alone, and empty but for a moment: growing a new one for each commit was a quarter of its work. */
    private final Pack pack = new Pack();

    private Thread writer;

    @Inject
    Journal(Store store) {
        this.store = store;
    }

    /** @param kept null for a mark that only wants to know when everything before it is written */
    private record Entry(Kept kept, CompletableFuture<Void> stored) {}

    /** A row of the journal's table: some reports, in the order of their streams. */
    record Row(long sequence, byte[] pack) {}

    /** Starts writing. */
    public void start(ThreadFactory threads) {
        // What was written first is filed first. The first rows tell, as one whose outcome was never heard may be the
        // last of both.
        table = edge("min", 0) >= edge("min", 1) ? 0 : 1;
        written = Math.max(edge("max", 0), edge("max", 1));
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

    /** Takes the place that {@link #reserve} kept. */
    void append(Kept kept, CompletableFuture<Void> stored) {
        waiting.add(new Entry(kept, stored));
    }

    /** Completes when everything appended before is safe. */
    CompletableFuture<Void> flush() {
        CompletableFuture<Void> mark = new CompletableFuture<>();
        waiting.add(new Entry(null, mark));
        // Somebody waits for it: on some servers a thread that others' connections need.
        LockSupport.unpark(writer);
        return mark;
    }

    /** Sequence number of the last row written. */
    long written() {
        return written;
    }

    /**
     * From now on the other table is written to, which must be empty.
     *
     * @return sequence number of the last row before
     */
    synchronized long turn() {
        table = 1 - table;
        return written;
    }

    /** Some rows after one, in their order, of the table that is not written to; none when there are no more. */
    List<Row> rowsAfter(long sequence) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select seq, pack from " + resting()
                        + " where seq > :after order by seq fetch first " + PAGE + " rows only")
                .bind("after", sequence)
                .map((row, context) -> new Row(row.getLong("seq"), row.getBytes("pack")))
                .list());
    }

    /** Forgets the table that is not written to. */
    void forget() {
        // To delete, H2 reads each row and keeps it until the commit; to truncate, PostgreSQL waits for a pg_dump.
        String statement = store.isEmbedded() ? "truncate table " : "delete from ";
        store.jdbi().useHandle(handle -> handle.execute(statement + resting()));
    }

    private synchronized String resting() {
        return TABLES.get(1 - table);
    }

    private long edge(String function, int index) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select coalesce(" + function + "(seq), 0) from " + TABLES.get(index))
                .mapTo(Long.class)
                .one());
    }

    private void write() {
        List<Entry> group = new ArrayList<>(MOST_IN_A_COMMIT);
        int came = 0;
        try {
            while (true) {
                Entry first = waiting.take();
                group.add(first);
                if (first.kept() != null && group.size() + waiting.size() < MOST_IN_A_COMMIT) {
                    LockSupport.parkNanos(came < CROWD ? GATHER_NANOS : GATHER_CROWD_NANOS);
                }
                waiting.drainTo(group, MOST_IN_A_COMMIT - 1);
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
        List<Row> rows = rows(group);
        boolean told = false;
        while (true) {
            try {
                if (!rows.isEmpty()) {
                    write(rows);
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
        for (Entry entry : group) {
            if (entry.kept() != null) {
                count.incrementAndGet();
                release(entry.kept().report());
            }
        }
        group.forEach(entry -> entry.stored().complete(null));
    }

    private List<Row> rows(List<Entry> group) {
        List<Row> rows = new ArrayList<>();
        for (Entry entry : group) {
            if (entry.kept() == null) {
                continue;
            }
            pack.add(entry.kept());
            if (pack.isFull()) {
                rows.add(new Row(written + rows.size() + 1, pack.plain()));
                pack.clear();
            }
        }
        if (pack.size() > 0) {
            rows.add(new Row(written + rows.size() + 1, pack.plain()));
            pack.clear();
        }
        return rows;
    }

    private void write(List<Row> rows) {
        // Each row commits by itself: H2 makes room in memory for all of a commit at once, and doubles it until it
        // fits. Another attempt begins behind what was written, which may be in the other table by then.
        store.jdbi().useHandle(handle -> {
            for (Row row : rows) {
                if (row.sequence() > written) {
                    insert(handle, row);
                }
            }
        });
        store.sync();
    }

    private synchronized void insert(Handle handle, Row row) {
        // "on conflict": an attempt whose outcome was never heard may have succeeded. Where it did in the other table,
        // who files knows the row by its number.
        handle.createUpdate(
                        "insert into " + TABLES.get(table) + " (seq, pack) values (:seq, :pack) on conflict do nothing")
                .bind("seq", row.sequence())
                .bind("pack", row.pack())
                .execute();
        written = row.sequence();
    }
}
