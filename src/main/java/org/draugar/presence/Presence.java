package org.draugar.presence;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.draugar.delivery.ConnectionClosed;
import org.draugar.delivery.ConnectionOpened;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;

/**
 * Counts the connections of each member and tells the family when the first comes and when the last has gone, on whatever
 * node. A phone that hops from one network to another is back within the grace time and does not flicker. Thread-safe.
 */
@Singleton
public class Presence {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Event<FamilyEvent> facts;
    /** The members who are online. */
    private final Map<MemberId, Seen> seen = new ConcurrentHashMap<>();

    @Inject
    Presence(Event<FamilyEvent> facts) {
        this.facts = facts;
    }

    /**
     * @param here whether they are online on this node
     * @param connections how many there are to this node
     * @param leftAt when the last one ended, in {@link System#nanoTime()}; counts only while there are none
     * @param elsewhere the other nodes on which they are online
     */
    private record Seen(FamilyId family, boolean here, int connections, long leftAt, Set<String> elsewhere) {
        boolean isOnline() {
            return here || !elsewhere.isEmpty();
        }

        Seen connected(int more) {
            return new Seen(family, here || more > 0, connections + more, System.nanoTime(), elsewhere);
        }

        Seen gone() {
            return new Seen(family, false, 0, 0, elsewhere);
        }

        Seen on(String node, boolean online) {
            Set<String> nodes = online
                    ? Stream.concat(elsewhere.stream(), Stream.of(node)).collect(Collectors.toUnmodifiableSet())
                    : elsewhere.stream().filter(other -> !other.equals(node)).collect(Collectors.toUnmodifiableSet());
            return new Seen(family, here, connections, leftAt, nodes);
        }
    }

    /** The members of a family who are online. */
    public List<MemberId> online(FamilyId family) {
        return seen.entrySet().stream()
                .filter(entry -> entry.getValue().family().equals(family))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The members who are online on this node. */
    public Map<MemberId, FamilyId> here() {
        Map<MemberId, FamilyId> here = new HashMap<>();
        seen.forEach((member, state) -> {
            if (state.here()) {
                here.put(member, state.family());
            }
        });
        return here;
    }

    void opened(@Observes ConnectionOpened opened) {
        change(opened.family(), opened.caller().member(), before -> before.connected(1));
    }

    void closed(@Observes ConnectionClosed closed) {
        seen.computeIfPresent(closed.caller().member(), (member, before) -> before.connected(-1));
    }

    void removed(@Observes MemberRemoved removed) {
        change(removed.family(), removed.member(), before -> new Seen(before.family(), false, 0, 0, Set.of()));
    }

    /** Another node says whether a member is online there. */
    public void elsewhere(String node, FamilyId family, MemberId member, boolean online) {
        change(family, member, before -> before.on(node, online));
    }

    /** To be run every second: lets those go whose grace time is over. */
    public void expire() {
        long now = System.nanoTime();
        // A phone may come back at this very moment: it is looked at again where nobody else looks.
        List<Map.Entry<MemberId, Seen>> over = new ArrayList<>();
        seen.forEach((member, state) -> {
            if (isOver(state, now)) {
                over.add(Map.entry(member, state));
            }
        });
        over.forEach(entry -> change(
                entry.getValue().family(), entry.getKey(), before -> isOver(before, now) ? before.gone() : before));
    }

    private static boolean isOver(Seen state, long now) {
        return state.here() && state.connections() <= 0 && now - state.leftAt() > GRACE.toNanos();
    }

    private void change(FamilyId family, MemberId member, UnaryOperator<Seen> change) {
        Seen[] states = new Seen[2];
        seen.compute(member, (m, known) -> {
            states[0] = known == null ? new Seen(family, false, 0, 0, Set.of()) : known;
            states[1] = change.apply(states[0]);
            return states[1].isOnline() ? states[1] : null;
        });
        if (states[0].here() != states[1].here()) {
            facts.fire(new PresenceHere(family, member, states[1].here()));
        }
        if (states[0].isOnline() != states[1].isOnline()) {
            facts.fire(new PresenceChanged(family, member, states[1].isOnline()));
        }
    }
}
