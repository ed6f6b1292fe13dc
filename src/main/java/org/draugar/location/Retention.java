package org.draugar.location;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.draugar.family.GroupKeyForgotten;
import org.draugar.family.HistoryErased;
import org.draugar.family.HistoryTermChanged;
import org.draugar.family.MemberRemoved;
import org.draugar.store.Store;

/** Sees to it that what is no longer to be kept is deleted: from the tables, and its bytes from the disk. */
@Singleton
public class Retention {
    private static final long PRUNE_NANOS = Duration.ofHours(1).toNanos();
    /** The embedded store stands still for a moment while it is compacted. */
    private static final long COMPACT_NANOS = Duration.ofDays(1).toNanos();

    private final Tracks tracks;
    private final Store store;
    private final AtomicBoolean asked = new AtomicBoolean();
    private long pruned = System.nanoTime() - PRUNE_NANOS;
    private long compacted = System.nanoTime();
    private boolean fragmented;

    @Inject
    Retention(Tracks tracks, Store store) {
        this.tracks = tracks;
        this.store = store;
    }

    void forget(@Observes MemberRemoved removed) {
        asked.set(true);
    }

    void forget(@Observes HistoryErased erased) {
        asked.set(true);
    }

    void forget(@Observes GroupKeyForgotten forgotten) {
        asked.set(true);
    }

    void shorten(@Observes HistoryTermChanged changed) {
        asked.set(true);
    }

    /** To be run every few seconds, by one thread. */
    public void look() {
        boolean now = asked.getAndSet(false);
        try {
            if (now || System.nanoTime() - pruned > PRUNE_NANOS) {
                fragmented |= tracks.prune();
                pruned = System.nanoTime();
            }
            if (now || (fragmented && System.nanoTime() - compacted > COMPACT_NANOS)) {
                store.compact();
                fragmented = false;
                compacted = System.nanoTime();
            }
        } catch (RuntimeException e) {
            asked.compareAndSet(false, now);
            throw e;
        }
    }
}
