package org.draugar.location;

import java.util.Optional;
import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;

/**
 * A member's device has reported where it is. The family is told at once, before it is stored.
 *
 * <p>The family's live stream gives the fact its place, an offset that only grows. Observers run before
 * {@code fire()} returns, so the store finds it there.
 */
public final class LocationShared implements FamilyEvent {
    private final Caller sender;
    private final String id;
    private final Report report;
    private volatile long offset;

    LocationShared(Caller sender, String id, Report report) {
        this.sender = sender;
        this.id = id;
        this.report = report;
    }

    @Override
    public FamilyId family() {
        return sender.family();
    }

    /** Who reported it, on which device. */
    public Caller sender() {
        return sender;
    }

    /** The sender's own id for it, by which a repetition is known. */
    public Optional<String> id() {
        return Optional.ofNullable(id);
    }

    /** What was reported. */
    public Report report() {
        return report;
    }

    /** Its place in the family's stream, once {@link #placedAt} was called. */
    public long offset() {
        return offset;
    }

    /** Called by the stream while it takes the fact in. */
    public void placedAt(long offset) {
        this.offset = offset;
    }
}
