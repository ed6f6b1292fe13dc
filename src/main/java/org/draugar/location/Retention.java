package org.draugar.location;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.draugar.family.FamilyId;
import org.draugar.family.GroupKeyForgotten;
import org.draugar.family.Here;
import org.draugar.family.HistoryErased;
import org.draugar.family.HistoryTermChanged;
import org.draugar.family.MemberRemoved;
import org.draugar.store.Store;

/**
 * Sees to it that what is no longer to be kept is deleted: from the tables, and its bytes from the disk. Everybody on
 * the server waits while the store is compacted, so no member may have that done as often as they like.
 */
@Singleton
public class Retention {
    private static final Logger LOG = System.getLogger(Retention.class.getName());

    private static final long PRUNE_NANOS = Duration.ofHours(1).toNanos();
    /** From one compaction to the next one for what members have deleted. */
    private static final long ERASED_NANOS = Duration.ofMinutes(10).toNanos();
    /** The same for what only became too old. */
    private static final long PRUNED_NANOS = Duration.ofDays(1).toNanos();

    private final Erasure erasure;
    private final Store store;
    private final LongSupplier nanoTime;
    private final Set<FamilyId> shortened = ConcurrentHashMap.newKeySet();
    /** Whether the disk may still hold what a member has deleted. */
    private final AtomicBoolean erased = new AtomicBoolean();
    /** The same for what became too old; a server that was killed may have left something. */
    private boolean pruned = true;

    private long prunedAt;
    private long compactedAt;

    @Inject
    Retention(Erasure erasure, Store store) {
        this(erasure, store, System::nanoTime);
    }

    Retention(Erasure erasure, Store store, LongSupplier nanoTime) {
        this.erasure = erasure;
        this.store = store;
        this.nanoTime = nanoTime;
        prunedAt = nanoTime.getAsLong() - PRUNE_NANOS;
        compactedAt = nanoTime.getAsLong() - ERASED_NANOS;
    }

    void forget(@Observes @Here MemberRemoved removed) {
        erased.set(true);
    }

    void forget(@Observes @Here HistoryErased event) {
        if (event.stored()) {
            erased.set(true);
        }
    }

    void forget(@Observes @Here GroupKeyForgotten forgotten) {
        erased.set(true);
    }

    void shorten(@Observes @Here HistoryTermChanged changed) {
        shortened.add(changed.family());
    }

    /** To be run every few seconds. */
    public synchronized void look() {
        for (FamilyId family : shortened) {
            // Before the look: who shortens it again meanwhile is not overlooked.
            shortened.remove(family);
            try {
                if (erasure.prune(family)) {
                    erased.set(true);
                }
            } catch (RuntimeException e) {
                shortened.add(family);
                throw e;
            }
        }
        if (nanoTime.getAsLong() - prunedAt >= PRUNE_NANOS) {
            pruned |= erasure.prune();
            prunedAt = nanoTime.getAsLong();
        }
        long quiet = nanoTime.getAsLong() - compactedAt;
        if ((erased.get() && quiet >= ERASED_NANOS) || (pruned && quiet >= PRUNED_NANOS)) {
            compact();
        }
    }

    /** Takes off the disk what members have deleted. To be called once, while the store still takes positions. */
    public synchronized void stop() {
        // A PostgreSQL goes on without this server, and may need longer than a server has to stop.
        if (erased.get() && store.isEmbedded()) {
            try {
                compact();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "What members have deleted is still on the disk: {0}", e.getMessage());
            }
        }
    }

    private void compact() {
        boolean before = erased.getAndSet(false);
        boolean done = false;
        try {
            erasure.forgetRemoved();
            done = store.compact();
            pruned &= !done;
        } finally {
            compactedAt = nanoTime.getAsLong();
            if (before && !done) {
                erased.set(true);
            }
        }
    }
}
