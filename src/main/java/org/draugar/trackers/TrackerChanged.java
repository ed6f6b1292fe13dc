package org.draugar.trackers;

import java.time.Instant;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A tracker does otherwise than before: its first position came, a message could not be understood, it fell silent, or
 * it is well again. The business of its owner, not of the family.
 *
 * @param member the owner
 * @param state one of {@code waiting}, {@code fine}, {@code trouble}, {@code silent}
 * @param trouble what was wrong with the message, in words for people, or null
 */
public record TrackerChanged(FamilyId family, MemberId member, DeviceId device, String state, String trouble)
        implements FamilyEvent {

    static TrackerChanged of(Tracker tracker, Instant now) {
        return new TrackerChanged(
                tracker.family(),
                tracker.member(),
                tracker.id(),
                tracker.state(now).word(),
                tracker.health().trouble());
    }
}
