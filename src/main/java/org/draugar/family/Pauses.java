package org.draugar.family;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Who shares nothing right now, and when they did not: stored, and all of it in memory too, because every position asks.
 *
 * <p>A pause outlives its end here, for as long as its member does: a device that was out of reach meanwhile may send
 * what it measured within at any time later. Of more than {@value #MAX} the two oldest count as one, so that they stay
 * few and never cover less. Thread-safe.
 */
@Singleton
public class Pauses {
    private static final int MAX = 100;

    private final Store store;
    private final Event<FamilyEvent> changes;
    private final Event<FamilyEvent> findings;
    private final Map<MemberId, List<Pause>> pauses = new ConcurrentHashMap<>();
    /** Those who are paused, until their families know that they are not any more. */
    private final Map<MemberId, FamilyId> paused = new ConcurrentHashMap<>();
    /** Orders what is stored, remembered and told. */
    private final ReentrantLock changing = new ReentrantLock();

    @Inject
    Pauses(Store store, @Here Event<FamilyEvent> changes, Event<FamilyEvent> findings) {
        this.store = store;
        this.changes = changes;
        this.findings = findings;
    }

    private record Stored(FamilyId family, MemberId member, Pause pause) {}

    /** Reads what is stored. To be called once, before the first connection. */
    public void start() {
        reread(Optional.empty());
    }

    /** Reads all anew, and tells of those whose pause is another one than was known: other nodes change it too. */
    public void reread() {
        Map<MemberId, FamilyId> before = Map.copyOf(paused);
        Map<MemberId, Optional<Pause>> known = new HashMap<>();
        before.keySet().forEach(member -> known.put(member, current(member)));
        changing.lock();
        try {
            reread(Optional.empty());
        } finally {
            changing.unlock();
        }
        Map<MemberId, FamilyId> either = new HashMap<>(before);
        either.putAll(paused);
        either.forEach((member, family) -> {
            Optional<Pause> now = current(member);
            if (!now.equals(known.getOrDefault(member, Optional.empty()))) {
                findings.fire(new PauseFound(family, member, now));
            }
        });
    }

    /** Reads a member's anew: another node has changed it, and tells the family. */
    public void reread(MemberId member) {
        changing.lock();
        try {
            reread(Optional.of(member));
        } finally {
            changing.unlock();
        }
    }

    /** @param one empty for all */
    private void reread(Optional<MemberId> one) {
        List<Stored> rows = store.jdbi()
                .withHandle(handle -> handle.createQuery("select m.family_id, p.member_id, p.began_at, p.ends_at"
                                + " from pause p join member m on m.id = p.member_id"
                                + (one.isPresent() ? " where p.member_id = :member" : "")
                                + " order by p.began_at")
                        .bindMap(one.<Map<String, Object>>map(member -> Map.of("member", member.value()))
                                .orElse(Map.of()))
                        .map((row, context) -> {
                            OffsetDateTime end = row.getObject("ends_at", OffsetDateTime.class);
                            return new Stored(
                                    new FamilyId(row.getLong("family_id")),
                                    new MemberId(row.getLong("member_id")),
                                    new Pause(
                                            row.getObject("began_at", OffsetDateTime.class)
                                                    .toInstant(),
                                            end == null ? null : end.toInstant()));
                        })
                        .list());
        Map<MemberId, List<Pause>> read = new HashMap<>();
        rows.forEach(row ->
                read.computeIfAbsent(row.member(), member -> new ArrayList<>()).add(row.pause()));
        if (one.isEmpty()) {
            pauses.keySet().retainAll(read.keySet());
        } else {
            one.filter(member -> !read.containsKey(member)).ifPresent(pauses::remove);
        }
        pauses.putAll(read);
        rows.forEach(row -> note(row.family(), row.member()));
    }

    private void note(FamilyId family, MemberId member) {
        if (current(member).isPresent()) {
            paused.put(member, family);
        } else {
            paused.remove(member);
        }
    }

    /** A member's pause, while it lasts. */
    public Optional<Pause> current(MemberId member) {
        List<Pause> all = of(member);
        return all.isEmpty() || last(all).isOver(Instant.now()) ? Optional.empty() : Optional.of(last(all));
    }

    /** The pauses that last, of a family's members. */
    public Map<MemberId, Pause> current(FamilyId family) {
        Map<MemberId, Pause> current = new HashMap<>();
        paused.forEach((member, itsFamily) -> {
            if (itsFamily.equals(family)) {
                current(member).ifPresent(pause -> current.put(member, pause));
            }
        });
        return current;
    }

    /** Whether a moment lies in a pause of a member. */
    public boolean cover(MemberId member, Instant moment) {
        return of(member).stream().anyMatch(pause -> pause.contains(moment));
    }

    /**
     * Whether any moment of a time lies in a pause of a member.
     *
     * @param from its first moment
     * @param to the first moment after it
     */
    public boolean touch(MemberId member, Instant from, Instant to) {
        return of(member).stream().anyMatch(pause -> pause.since().isBefore(to) && !pause.isOver(from));
    }

    /** A member's pauses, past and present, in their order. */
    public List<Pause> of(MemberId member) {
        return pauses.getOrDefault(member, List.of());
    }

    /**
     * Begins a pause, or gives the one that lasts another end.
     *
     * @param until its end, or null for when the member ends it
     */
    void begin(FamilyId family, MemberId member, Instant until) {
        changing.lock();
        try {
            Instant now = now();
            List<Pause> all = new ArrayList<>(of(member));
            boolean goesOn = !all.isEmpty()
                    && (last(all).until() == null || !last(all).until().isBefore(now));
            Instant since = goesOn ? all.remove(all.size() - 1).since() : now;
            if (all.size() == MAX) {
                Instant oldest = all.remove(0).since();
                all.set(0, new Pause(oldest, all.get(0).until()));
            }
            all.add(new Pause(since, until));
            change(family, member, all);
        } finally {
            changing.unlock();
        }
    }

    /** Ends a member's pause, if there is one. */
    public void end(FamilyId family, MemberId member) {
        changing.lock();
        try {
            Optional<Pause> lasting = current(member);
            if (lasting.isPresent()) {
                List<Pause> all = new ArrayList<>(of(member));
                all.set(all.size() - 1, new Pause(lasting.get().since(), now()));
                change(family, member, all);
            }
        } finally {
            changing.unlock();
        }
    }

    /** To be run every second: tells of those whose pause is over. Never waits for the store. */
    public void expire() {
        paused.forEach((member, family) -> {
            // Whoever holds the lock may wait for the store.
            if (current(member).isEmpty() && changing.tryLock()) {
                try {
                    if (current(member).isEmpty() && paused.remove(member) != null) {
                        findings.fire(new PauseFound(family, member, Optional.empty()));
                    }
                } finally {
                    changing.unlock();
                }
            }
        });
    }

    void forget(@Observes MemberRemoved removed) {
        changing.lock();
        try {
            pauses.remove(removed.member());
            paused.remove(removed.member());
        } finally {
            changing.unlock();
        }
    }

    private void change(FamilyId family, MemberId member, List<Pause> all) {
        store.jdbi().useTransaction(handle -> replace(handle, member, all));
        store.sync();
        pauses.put(member, List.copyOf(all));
        note(family, member);
        changes.fire(new PauseChanged(family, member, current(member)));
    }

    private static void replace(Handle handle, MemberId member, List<Pause> all) {
        handle.createUpdate("delete from pause where member_id = :member")
                .bind("member", member.value())
                .execute();
        PreparedBatch batch = handle.prepareBatch(
                "insert into pause (member_id, began_at, ends_at) values (:member, :since, :until)");
        for (Pause pause : all) {
            batch.bind("member", member.value())
                    .bind("since", pause.since().atOffset(ZoneOffset.UTC))
                    .bind("until", pause.until() == null ? null : pause.until().atOffset(ZoneOffset.UTC))
                    .add();
        }
        batch.execute();
    }

    private static Pause last(List<Pause> all) {
        return all.get(all.size() - 1);
    }

    /** As exact as it is stored. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }
}
