package org.draugar.alarms;

import java.time.Instant;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A member has raised an alarm, it is stored, and the family is to be told.
 *
 * @param memberName as the family knows them
 * @param about what it is about, such as {@code sos}
 * @param at when the server heard of it
 * @param measuredAt when the position was measured that it came with, which may be long before; null where there is none
 */
public record Alarm(FamilyId family, MemberId member, String memberName, String about, Instant at, Instant measuredAt)
        implements FamilyEvent {}
