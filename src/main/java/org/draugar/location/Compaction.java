package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.draugar.family.MemberId;
import org.draugar.store.Store;
import org.draugar.stream.Offsets;

/**
 * Moves what members sent some minutes ago out of its rows and into packs, which take a fifth of the disk. In short
 * transactions, each of one member, which wait for each other: what is moved is in one of the tables at any moment, and
 * it may break off anywhere. Where members keep only their last position, it deletes the others. Thread-safe.
 */
@Singleton
public class Compaction {
    /** How long a row stays at least. A pack is written anew for what was added to it: rarely, when much is added. */
    private static final Duration AGE = Duration.ofMinutes(10);
    /** After as many new rows it does not wait, so that a crowd does not fill the disk. */
    private static final long CROWD = 200_000;

    private static final Duration AGE_IN_A_CROWD = Duration.ofSeconds(30);
    /** As many rows are moved in one transaction; each may have 4 KB. */
    private static final int ROWS_AT_ONCE = 500;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Store store;
    private final PositionStore positions;
    private final Erasure erasure;
    private long movedAt = System.nanoTime();
    private long movedCount;
    private volatile boolean stopping;

    @Inject
    Compaction(Store store, PositionStore positions, Erasure erasure) {
        this.store = store;
        this.positions = positions;
        this.erasure = erasure;
    }

    /** To be called every half a minute. */
    public synchronized void look() {
        boolean crowded = positions.count() - movedCount > CROWD;
        boolean due = crowded || System.nanoTime() - movedAt > AGE.toNanos();
        if (due) {
            movedAt = System.nanoTime();
            movedCount = positions.count();
        }
        run(due ? Optional.of(crowded ? AGE_IN_A_CROWD : AGE) : Optional.empty());
    }

    /** @param age what came in longer ago is moved; empty for none */
    void run(Optional<Duration> age) {
        if (!store.isLeader()) {
            return;
        }
        long offset = age.map(time -> Offsets.at(Instant.now().minus(time))).orElse(0L);
        Optional<MemberId> member =
                store.jdbi().withHandle(handle -> PositionTable.memberAfter(handle, Long.MIN_VALUE));
        while (member.isPresent() && !stopping) {
            MemberId one = member.get();
            if (!erasure.thinOut(one) && age.isPresent()) {
                while (move(one, offset) && !stopping) {
                    makeWay();
                }
            }
            makeWay();
            member = store.jdbi().withHandle(handle -> PositionTable.memberAfter(handle, one.value()));
        }
    }

    /** @return whether there may be more */
    private boolean move(MemberId member, long offset) {
        return store.jdbi().inTransaction(handle -> {
            if (!TrackTable.lock(handle, member)) {
                return false;
            }
            List<StoredReport> some = PositionTable.before(handle, member, offset, ROWS_AT_ONCE);
            Map<Long, List<StoredReport>> byHour = some.stream()
                    .sorted(Comparator.comparingLong(StoredReport::offset))
                    .collect(Collectors.groupingBy(
                            kept -> TrackTable.hour(kept.measuredAt()), TreeMap::new, Collectors.toList()));
            byHour.forEach((hour, reports) -> TrackTable.add(handle, member, hour, reports));
            PositionTable.delete(handle, some);
            return some.size() == ROWS_AT_ONCE;
        });
    }

    /** Nobody waits for it, but live events share its processor: it lets them go first. */
    private void makeWay() {
        if (!stopping) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Ends what is under way, and lets nothing more begin. */
    public void stop() {
        stopping = true;
        synchronized (this) {
            movedAt = System.nanoTime();
        }
    }
}
