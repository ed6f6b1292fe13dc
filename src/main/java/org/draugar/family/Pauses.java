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
 * what it measured within at any time later. Of more than {@value #MOST} the two oldest count as one, so that they stay
 * few and never cover less. Thread-safe.
 */
@Singleton
public class Pauses {
    private static final int MOST = 100;

    private final Store store;
    private final Event<PauseChanged> facts;
    private final Map<MemberId, List<Pause>> pauses = new ConcurrentHashMap<>();
    /** Whose family was told last that they are paused. */
    private final Map<MemberId, FamilyId> told = new ConcurrentHashMap<>();
    /** Orders what is stored, remembered and told. */
    private final ReentrantLock changing = new ReentrantLock();

    @Inject
    Pauses(Store store, Event<PauseChanged> facts) {
        this.store = store;
        this.facts = facts;
    }

    /** Reads what is stored, and tells of those who are paused. To be called once, before the first connection. */
    public void start() {
        store.jdbi().useHandle(handle -> handle
                .createQuery("select m.family_id, p.member_id, p.began_at, p.ends_at"
                        + " from pause p join member m on m.id = p.member_id order by p.began_at")
                .map((row, context) -> {
                    MemberId member = new MemberId(row.getLong("member_id"));
                    OffsetDateTime end = row.getObject("ends_at", OffsetDateTime.class);
                    pauses.computeIfAbsent(member, m -> new ArrayList<>())
                            .add(new Pause(
                                    row.getObject("began_at", OffsetDateTime.class)
                                            .toInstant(),
                                    end == null ? null : end.toInstant()));
                    return Map.entry(member, new FamilyId(row.getLong("family_id")));
                })
                .list()
                .stream()
                .distinct()
                .forEach(entry -> tell(entry.getValue(), entry.getKey())));
    }

    /** A member's pause, while it lasts. */
    public Optional<Pause> current(MemberId member) {
        List<Pause> all = of(member);
        return all.isEmpty() || last(all).isOver(Instant.now()) ? Optional.empty() : Optional.of(last(all));
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
            if (all.size() == MOST) {
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
    void end(FamilyId family, MemberId member) {
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
        told.forEach((member, family) -> {
            // Whoever holds the lock may wait for the store.
            if (current(member).isEmpty() && changing.tryLock()) {
                try {
                    tell(family, member);
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
            told.remove(removed.member());
        } finally {
            changing.unlock();
        }
    }

    private void change(FamilyId family, MemberId member, List<Pause> all) {
        store.jdbi().useTransaction(handle -> replace(handle, member, all));
        store.sync();
        pauses.put(member, List.copyOf(all));
        tell(family, member);
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

    private void tell(FamilyId family, MemberId member) {
        Optional<Pause> pause = current(member);
        if (pause.isPresent()) {
            told.put(member, family);
        } else if (told.remove(member) == null) {
            return;
        }
        facts.fire(new PauseChanged(family, member, pause));
    }

    private static Pause last(List<Pause> all) {
        return all.get(all.size() - 1);
    }

    /** As exact as it is stored. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }
}
