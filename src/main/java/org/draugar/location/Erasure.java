package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/** Deletes positions: what their members want deleted, and what is older than their family keeps. Thread-safe. */
@Singleton
public class Erasure {
    private final Store store;
    private final PositionStore positions;
    private final Tracks tracks;

    @Inject
    Erasure(Store store, PositionStore positions, Tracks tracks) {
        this.store = store;
        this.positions = positions;
        this.tracks = tracks;
    }

    /**
     * Deletes what a member measured from one moment until before another.
     *
     * @return whether there was any
     */
    public boolean delete(MemberId member, Instant from, Instant until) {
        positions.awaitStored();
        long first = TrackTable.millis(from);
        long end = TrackTable.millis(until);
        // The rows first: what is moved into packs meanwhile is found there.
        boolean deleted = store.jdbi()
                .inTransaction(
                        handle -> TrackTable.lock(handle, member) && PositionTable.delete(handle, member, first, end));
        List<Long> hours = store.jdbi()
                .withHandle(handle -> TrackTable.hours(handle, member, TrackTable.hour(first), TrackTable.hour(end)));
        for (long hour : hours) {
            long last = Long.MIN_VALUE;
            while (last < Long.MAX_VALUE) {
                long after = last;
                TrackTable.Deleted some = store.jdbi().inTransaction(handle -> {
                    TrackTable.lock(handle, member);
                    return TrackTable.delete(handle, member, hour, after, first, end);
                });
                deleted |= some.any();
                last = some.last();
            }
        }
        return deleted;
    }

    /**
     * Deletes what is older than its family keeps.
     *
     * @return whether there was any
     */
    boolean prune() {
        return pruneAll(store.jdbi().withHandle(handle -> handle.createQuery("select id from member")
                .mapTo(Long.class)
                .map(MemberId::new)
                .list()));
    }

    /** As above, for one family. */
    boolean prune(FamilyId family) {
        return pruneAll(
                store.jdbi().withHandle(handle -> handle.createQuery("select id from member where family_id = :family")
                        .bind("family", family.value())
                        .mapTo(Long.class)
                        .map(MemberId::new)
                        .list()));
    }

    private boolean pruneAll(List<MemberId> members) {
        positions.awaitStored();
        boolean pruned = false;
        for (MemberId member : members) {
            pruned |= store.jdbi().inTransaction(handle -> {
                Optional<Duration> term =
                        TrackTable.lock(handle, member) ? tracks.term(handle, member) : Optional.empty();
                return term.isPresent()
                        && (term.get().isZero()
                                ? keepNewest(handle, member)
                                : deleteBefore(handle, member, Instant.now().minus(term.get())));
            });
        }
        return pruned;
    }

    /**
     * Deletes all but the last position of a member whose family keeps no more.
     *
     * @return whether the family is such a one
     */
    boolean thinOut(MemberId member) {
        return store.jdbi().inTransaction(handle -> {
            if (tracks.term(handle, member).filter(Duration::isZero).isEmpty()) {
                return false;
            }
            if (TrackTable.lock(handle, member)) {
                keepNewest(handle, member);
            }
            return true;
        });
    }

    /** Deletes what came in while its member was being removed, after this server had looked whether they are one. */
    void forgetRemoved() {
        positions.awaitStored();
        store.jdbi().useHandle(PositionTable::deleteOfNobody);
    }

    private static boolean deleteBefore(Handle handle, MemberId member, Instant moment) {
        long hour = TrackTable.hour(moment);
        boolean packs = TrackTable.deleteBefore(handle, member, hour);
        return PositionTable.delete(handle, member, Long.MIN_VALUE, hour * TrackTable.HOUR_MILLIS) || packs;
    }

    private static boolean keepNewest(Handle handle, MemberId member) {
        int packed = TrackTable.count(handle, member);
        if (packed + PositionTable.count(handle, member) <= 1) {
            return false;
        }
        StoredReport newest = Tracks.newest(handle, member, false).orElseThrow();
        // What comes in meanwhile is newer, and stays.
        PositionTable.deleteBefore(handle, newest);
        if (packed > 0) {
            TrackTable.deleteBefore(handle, member, Long.MAX_VALUE);
            if (PositionTable.count(handle, member) == 0) {
                TrackTable.add(handle, member, TrackTable.hour(newest.measuredAt()), List.of(newest));
            }
        }
        return true;
    }
}
