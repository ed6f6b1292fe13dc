package org.draugar.family;

import java.time.Instant;

/**
 * A member has deleted positions of theirs.
 *
 * @param from the earliest time of measurement
 * @param until the time before which they were measured
 * @param stored whether any of them were in the store
 */
public record HistoryErased(FamilyId family, MemberId member, Instant from, Instant until, boolean stored)
        implements FamilyEvent {

    /** All of them. */
    public HistoryErased(FamilyId family, MemberId member, boolean stored) {
        this(family, member, Instant.EPOCH, Instant.parse("+10000-01-01T00:00:00Z"), stored);
    }
}
