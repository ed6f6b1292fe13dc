package org.draugar.trackers;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A device that reports positions and does nothing else.
 *
 * @param shownToFamily whether the family sees how it does
 * @param familyInApp whether the family shows up in the app: for OwnTracks alone
 * @param commands whether it may be sent the family's places
 * @param silentAfter how long it may say nothing
 */
record Tracker(
        DeviceId id,
        FamilyId family,
        MemberId member,
        String name,
        App app,
        Instant createdAt,
        boolean shownToFamily,
        boolean familyInApp,
        boolean commands,
        Duration silentAfter,
        Health health) {

    /** How it is, in one word. */
    enum State {
        /** It has never sent a position. */
        WAITING,
        FINE,
        /** What it sent last could not be understood. */
        TROUBLE,
        /** It has said nothing for longer than it may. */
        SILENT;

        /** Its name in the contract. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How it does.
     *
     * @param contactAt when it last said something that could be read, or null
     * @param firstPositionAt when its first position came in, or null
     * @param lastPositionAt when its newest position was measured, or null
     * @param battery 0 to 1 at that time, or null
     * @param charging whether it was being charged, or null
     * @param trouble what was wrong with its last message, in words for people, or null
     * @param troubleAt when that was, or null
     */
    record Health(
            Instant contactAt,
            Instant firstPositionAt,
            Instant lastPositionAt,
            Double battery,
            Boolean charging,
            String trouble,
            Instant troubleAt) {
        static final Health UNHEARD = new Health(null, null, null, null, null, null, null);

        /** After a message. */
        Health heard(ParsedRequest reading, Instant now) {
            // A phone that was away delivers old positions after new ones: its battery is as the newest says.
            Instant measuredAt = reading.measuredAt();
            boolean newest = measuredAt == null || lastPositionAt == null || !measuredAt.isBefore(lastPositionAt);
            // What nobody can read is no sign that it is well.
            return new Health(
                    reading.isUnknown() ? contactAt : now,
                    firstPositionAt != null || measuredAt == null ? firstPositionAt : now,
                    newest && measuredAt != null ? measuredAt : lastPositionAt,
                    newest && reading.battery() != null ? reading.battery() : battery,
                    newest && reading.charging() != null ? reading.charging() : charging,
                    reading.trouble(),
                    reading.trouble() == null ? null : now);
        }
    }

    State state(Instant now) {
        Instant silentAt = silentAt();
        if (silentAt != null && !silentAt.isAfter(now)) {
            return State.SILENT;
        }
        if (health.trouble() != null) {
            return State.TROUBLE;
        }
        return health.firstPositionAt() == null ? State.WAITING : State.FINE;
    }

    /** When it will have been silent for too long, or null while it has never said anything. */
    Instant silentAt() {
        return health.contactAt() == null ? null : health.contactAt().plus(silentAfter);
    }

    Tracker with(Health newHealth) {
        return new Tracker(
                id, family, member, name, app, createdAt, shownToFamily, familyInApp, commands, silentAfter, newHealth);
    }
}
