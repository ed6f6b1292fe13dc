package org.draugar.cluster;

import java.util.List;
import java.util.Optional;
import org.draugar.alerts.LocateRequested;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.HistoryErased;
import org.draugar.family.Ids;
import org.draugar.family.MemberChanged;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.family.PauseChanged;
import org.draugar.homeassistant.WebhookChanged;
import org.draugar.notifications.Notification;
import org.draugar.places.PlaceChanged;
import org.draugar.places.PlaceRemoved;
import org.draugar.places.WhereaboutsChanged;
import org.draugar.trackers.TrackerChanged;
import org.draugar.trackers.TrackerSettingsChanged;

/**
 * A fact as the nodes tell it each other: {@code kind family member device text}, of which the last three may be missing.
 *
 * @param text only what cannot be read again, how a tracker does, or which notification it is
 */
record Announcement(Kind kind, FamilyId family, MemberId member, DeviceId device, String text) {
    /** In the place of a device, where a text follows. */
    private static final String NONE = "-";

    enum Kind {
        REMOVED,
        CHANGED,
        REVOKED,
        ERASED,
        PAUSED,
        TRACKER,
        TRACKER_SETTINGS,
        WEBHOOK,
        PLACES,
        WHEREABOUTS,
        LOCATE,
        NOTIFICATION
    }

    /** Empty for a fact that changes nothing in the memory of other nodes. */
    static Optional<Announcement> of(FamilyEvent fact) {
        if (fact instanceof MemberRemoved removed) {
            return of(Kind.REMOVED, fact, removed.member(), null, null);
        }
        if (fact instanceof MemberChanged changed) {
            return of(Kind.CHANGED, fact, changed.after().id(), null, null);
        }
        if (fact instanceof DeviceRevoked revoked) {
            return of(Kind.REVOKED, fact, revoked.member(), revoked.device(), null);
        }
        if (fact instanceof HistoryErased erased) {
            return of(Kind.ERASED, fact, erased.member(), null, null);
        }
        if (fact instanceof PauseChanged changed) {
            return of(Kind.PAUSED, fact, changed.member(), null, null);
        }
        if (fact instanceof TrackerChanged changed) {
            String trouble = changed.trouble() == null ? "" : " " + changed.trouble();
            return of(Kind.TRACKER, fact, changed.member(), changed.device(), changed.state() + trouble);
        }
        if (fact instanceof TrackerSettingsChanged changed) {
            return of(Kind.TRACKER_SETTINGS, fact, changed.member(), changed.device(), null);
        }
        if (fact instanceof WebhookChanged changed) {
            return of(Kind.WEBHOOK, fact, changed.member(), null, null);
        }
        if (fact instanceof PlaceChanged changed) {
            return of(Kind.PLACES, fact, changed.by(), null, null);
        }
        if (fact instanceof PlaceRemoved removed) {
            return of(Kind.PLACES, fact, removed.by(), null, null);
        }
        if (fact instanceof LocateRequested asked) {
            return of(Kind.LOCATE, fact, asked.to(), asked.device(), asked.from() + " " + asked.name());
        }
        if (fact instanceof WhereaboutsChanged changed) {
            return of(Kind.WHEREABOUTS, fact, changed.member(), null, null);
        }
        if (fact instanceof Notification told) {
            return of(Kind.NOTIFICATION, fact, told.to(), null, Ids.text(told.id()));
        }
        return Optional.empty();
    }

    private static Optional<Announcement> of(
            Kind kind, FamilyEvent fact, MemberId member, DeviceId device, String text) {
        return Optional.of(new Announcement(kind, fact.family(), member, device, text));
    }

    /** Empty for what a newer version may say and this one does not understand. */
    static Optional<Announcement> read(List<String> words) {
        if (words.size() < 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Announcement(
                    Kind.valueOf(words.get(0)),
                    FamilyId.parse(words.get(1)).orElseThrow(),
                    MemberId.parse(words.get(2)).orElseThrow(),
                    words.size() > 3 && !words.get(3).equals(NONE)
                            ? DeviceId.parse(words.get(3)).orElseThrow()
                            : null,
                    words.size() > 4 ? String.join(" ", words.subList(4, words.size())) : null));
        } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        if (text == null) {
            return kind + " " + family + " " + member + (device == null ? "" : " " + device);
        }
        return kind + " " + family + " " + member + " " + (device == null ? NONE : device) + " " + text;
    }
}
