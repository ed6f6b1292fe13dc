package org.draugar.presence;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.draugar.delivery.ConnectionClosed;
import org.draugar.delivery.ConnectionOpened;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;

/**
 * Counts the connections of each member and tells the family when the first comes and when the last has gone. A phone
 * that hops from one network to another is back within the grace time and does not flicker. Thread-safe.
 */
@Singleton
public class Presence {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Event<PresenceChanged> facts;
    private final Map<MemberId, Seen> seen = new ConcurrentHashMap<>();

    @Inject
    Presence(Event<PresenceChanged> facts) {
        this.facts = facts;
    }

    /**
     * @param connections how many there are
     * @param leftAt when the last one ended, in {@link System#nanoTime()}; counts only while there are none
     */
    private record Seen(FamilyId family, int connections, long leftAt) {}

    void opened(@Observes ConnectionOpened opened) {
        MemberId member = opened.caller().member();
        boolean[] came = {false};
        seen.compute(member, (m, before) -> {
            came[0] = before == null;
            return new Seen(opened.family(), before == null ? 1 : before.connections() + 1, 0);
        });
        if (came[0]) {
            facts.fire(new PresenceChanged(opened.family(), member, true));
        }
    }

    void closed(@Observes ConnectionClosed closed) {
        seen.computeIfPresent(
                closed.caller().member(),
                (m, before) -> new Seen(before.family(), before.connections() - 1, System.nanoTime()));
    }

    void removed(@Observes MemberRemoved removed) {
        if (seen.remove(removed.member()) != null) {
            facts.fire(new PresenceChanged(removed.family(), removed.member(), false));
        }
    }

    /** To be run every second: lets those go whose grace time is over. */
    public void expire() {
        long now = System.nanoTime();
        seen.forEach((member, state) -> {
            boolean over = state.connections() <= 0 && now - state.leftAt() > GRACE.toNanos();
            // Removed only if nothing changed meanwhile: the phone may be coming back at this very moment.
            if (over && seen.remove(member, state)) {
                facts.fire(new PresenceChanged(state.family(), member, false));
            }
        });
    }
}
