package org.draugar.location;

import java.time.Instant;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A member has added positions that were measured elsewhere and long ago.
 *
 * @param first when the first of them was measured
 */
public record PositionsAdded(FamilyId family, MemberId member, Instant first) implements FamilyEvent {}
