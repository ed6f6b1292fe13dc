package org.draugar.trackers;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.Member;
import org.draugar.family.MemberId;
import org.draugar.family.Pauses;
import org.draugar.places.Place;
import org.draugar.places.Places;

/** The family's places as OwnTracks has them. Thread-safe. */
@Singleton
class Waypoints {
    private final Places places;
    private final Families families;
    private final Pauses pauses;

    @Inject
    Waypoints(Places places, Families families, Pauses pauses) {
        this.places = places;
        this.families = families;
        this.pauses = pauses;
    }

    /** Keeps places of the caller's own, unless they are paused, or were when it was made. */
    void keep(Caller caller, List<Waypoint> waypoints) {
        if (waypoints.isEmpty() || pauses.current(caller.member()).isPresent()) {
            return;
        }
        for (Waypoint waypoint : waypoints) {
            if (!isOfAPause(caller, waypoint)) {
                places.keep(caller, waypoint.madeAt(), waypoint::in);
            }
        }
    }

    /** Its time is in whole seconds: it may have been made at any moment of its second. */
    private boolean isOfAPause(Caller caller, Waypoint waypoint) {
        Instant from = Instant.ofEpochSecond(waypoint.madeAt());
        return pauses.touch(caller.member(), from, from.plusSeconds(1));
    }

    /** The family's places, but those of members who do not want to be shown in apps; the caller's own too. */
    List<Place> of(Caller caller) {
        Set<MemberId> shown = new HashSet<>();
        families.members(caller.family()).stream()
                .filter(member -> member.shownInApps() || member.id().equals(caller.member()))
                .map(Member::id)
                .forEach(shown::add);
        return places.list(caller.family()).stream()
                .filter(place -> shown.contains(place.createdBy()))
                .toList();
    }
}
