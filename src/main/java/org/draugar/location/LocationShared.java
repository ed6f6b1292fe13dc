package org.draugar.location;

import java.util.function.Predicate;
import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;

/**
 * A member's device has reported where it is. The family is told at once, before it is stored.
 *
 * <p>The family's live stream gives the fact its place, an offset that only grows.
 */
public final class LocationShared implements FamilyEvent {
    private final Caller sender;
    private final String id;
    private final Report report;
    private final Predicate<Kept> whenPlaced;
    private boolean placed;

    LocationShared(Caller sender, String id, Report report, Predicate<Kept> whenPlaced) {
        this.sender = sender;
        this.id = id;
        this.report = report;
        this.whenPlaced = whenPlaced;
    }

    @Override
    public FamilyId family() {
        return sender.family();
    }

    /** Who reported it, on which device. */
    public Caller sender() {
        return sender;
    }

    /** What was reported. */
    public Report report() {
        return report;
    }

    /**
     * Called by the family's stream while it takes the fact in: from here on the fact is kept, in the order of the
     * stream. Must not be slow, because the stream waits.
     *
     * @return whether the stream may take it: not where its sender has just paused
     */
    public boolean placedAt(long offset) {
        placed = whenPlaced.test(new Kept(sender.family(), sender.member(), sender.device(), offset, id, report));
        return placed;
    }

    /** Whether the family's stream took it. */
    boolean isPlaced() {
        return placed;
    }
}
