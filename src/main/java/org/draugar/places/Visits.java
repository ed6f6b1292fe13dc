package org.draugar.places;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.draugar.family.CurrentPlace;
import org.draugar.family.CurrentPlaces;
import org.draugar.family.Families;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.HistoryErased;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.family.Pause;
import org.draugar.family.PauseChanged;
import org.draugar.family.Pauses;
import org.draugar.location.Fix;
import org.draugar.location.LocationShared;
import org.draugar.location.PositionsAdded;
import org.draugar.location.StoredReport;
import org.draugar.location.Tracks;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.stream.Offsets;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * Makes the visits of what members have measured. They follow the store: {@link StayDetector} runs over the stored
 * positions from some time before the one that asks for it, late or not, to the newest, and what comes out otherwise than
 * before is changed, in one transaction with what is told of it. The same positions give the same visits, so that it may
 * be done again by anybody at any time: after a kill, for what came in the minutes before; by the leader of a cluster, for
 * what a node that is gone had stored. Two who do it at once see so by the member's version, and the later one looks
 * again.
 *
 * <p>Most positions change nothing, and are passed over after a look at the circles. Nobody who sends waits for more.
 * Thread-safe.
 */
@Singleton
public class Visits implements CurrentPlaces {
    private static final Logger LOG = System.getLogger(Visits.class.getName());

    /** So long before a position the detector begins: it knows by then what is probable and what is impossible. */
    private static final long LEAD_MILLIS = Duration.ofHours(1).toMillis();
    /** It does not begin so shortly before somebody arrives or leaves, where what came before matters. */
    private static final long QUIET_MILLIS = Duration.ofMinutes(15).toMillis();
    /** But not longer ago than this, however often they come and go. */
    private static final long FURTHEST_MILLIS = Duration.ofDays(1).toMillis();
    /** What somebody did before a place was made is looked at for so long. */
    private static final Duration BEFORE_A_PLACE = Duration.ofDays(1);

    private static final int ATTEMPTS = 20;
    private static final long RETRY_MILLIS = 1000;
    private static final Duration SWEEP = Duration.ofSeconds(30);
    /** A node may have given a position its place, and not stored it yet. */
    private static final Duration SWEEP_OVERLAP = Duration.ofMinutes(1);

    private static final Duration PRUNE = Duration.ofMinutes(5);
    private static final int MAX_OF_AN_ANSWER = 10_000;
    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

    private final Store store;
    private final Places places;
    private final Tracks tracks;
    private final Pauses pauses;
    private final Families families;
    private final Duration history;
    private final Consumer<FamilyEvent> facts;
    private final Iterable<VisitWatcher> watchers;

    private final Map<MemberId, Known> known = new ConcurrentHashMap<>();
    /** Whose visits are to be made, since when. Guarded by itself, as the next. */
    private final Map<MemberId, Task> waiting = new LinkedHashMap<>();

    private final Set<MemberId> working = new HashSet<>();
    private boolean stopping;
    private Thread worker;
    /** From here on, the leader looks for what others have stored. */
    private Instant sweptAt = Instant.EPOCH;

    private Instant prunedAt = Instant.EPOCH;

    @Inject
    Visits(
            Store store,
            Places places,
            Tracks tracks,
            Pauses pauses,
            Families families,
            Settings settings,
            @Here Event<FamilyEvent> facts,
            Instance<VisitWatcher> watchers) {
        this(store, places, tracks, pauses, families, settings, facts::fire, watchers);
    }

    Visits(
            Store store,
            Places places,
            Tracks tracks,
            Pauses pauses,
            Families families,
            Settings settings,
            Consumer<FamilyEvent> facts,
            Iterable<VisitWatcher> watchers) {
        this.store = store;
        this.places = places;
        this.tracks = tracks;
        this.pauses = pauses;
        this.families = families;
        this.history = settings.history();
        this.facts = facts;
        this.watchers = watchers;
    }

    /**
     * What was found out about a member, to pass over what cannot change it.
     *
     * @param current where they are, or null
     * @param newestAt when the newest position was measured, in milliseconds since 1970
     * @param due when the rule would find something out by the time alone, or null for never
     */
    private record Known(Place current, long newestAt, Long due) {}

    /** @param from what was measured from then on may change the visits, in milliseconds since 1970 */
    private record Task(FamilyId family, MemberId member, long from) {}

    /** Begins with what came in shortly before the last end. To be called once, after the pauses are read. */
    public void start(ThreadFactory threads) {
        worker = threads.newThread(this::work);
        worker.setName("draugar-visits");
        worker.start();
    }

    /** Ends after the visit in hand; the rest is found at the next start. */
    public void stop() {
        synchronized (waiting) {
            stopping = true;
            waiting.notifyAll();
        }
        if (worker != null) {
            try {
                // Never by interrupt: it would close the file under the embedded database.
                worker.join(5_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // What may change visits

    void look(@Observes LocationShared shared) {
        if (shared.report() instanceof Fix fix) {
            note(shared.family(), shared.sender().member(), fix);
        }
    }

    private void note(FamilyId family, MemberId member, Fix fix) {
        long at = fix.measuredAt().toEpochMilli();
        Optional<Circles> circles = places.known(family);
        if (circles.isPresent() && circles.get().size() == 0) {
            return;
        }
        StayDetector.Point point = StayDetector.Point.of(at, fix.latitude(), fix.longitude(), fix.accuracy());
        synchronized (waiting) {
            Known before = known.get(member);
            boolean changesNothing = before != null
                    && circles.isPresent()
                    && before.due() == null
                    && at >= before.newestAt()
                    && !waiting.containsKey(member)
                    && !working.contains(member)
                    && StayDetector.isNoNews(circles.get(), before.current(), point);
            if (changesNothing) {
                known.put(member, new Known(before.current(), at, null));
            } else {
                add(new Task(family, member, at));
            }
        }
    }

    void look(@Observes PositionsAdded added) {
        add(new Task(added.family(), added.member(), added.first().toEpochMilli()));
    }

    void look(@Observes @Here PauseChanged changed) {
        add(new Task(changed.family(), changed.member(), System.currentTimeMillis()));
    }

    void look(@Observes @Here PlaceChanged changed) {
        lookAtAll(changed.family());
    }

    void look(@Observes @Here PlaceRemoved removed) {
        lookAtAll(removed.family());
    }

    void look(@Observes @Here MemberRemoved removed) {
        // Their places have gone with them.
        lookAtAll(removed.family());
    }

    private void lookAtAll(FamilyId family) {
        long from = Instant.now().minus(BEFORE_A_PLACE).toEpochMilli();
        families.members(family).forEach(member -> add(new Task(family, member.id(), from)));
    }

    void forget(@Observes @Here HistoryErased erased) {
        store.jdbi().useTransaction(handle -> {
            VisitTable.change(handle, erased.member());
            VisitTable.delete(
                    handle,
                    erased.member(),
                    erased.from().toEpochMilli(),
                    erased.until().toEpochMilli());
        });
        Known before = known.remove(erased.member());
        if (before != null && before.current() != null) {
            facts.accept(new WhereaboutsChanged(erased.family(), erased.member(), currentOf(erased.member())));
        }
    }

    private Optional<CurrentPlace> currentOf(MemberId member) {
        return store
                .jdbi()
                .withHandle(handle ->
                        VisitTable.between(handle, member, Long.MAX_VALUE - 1, Long.MAX_VALUE, MAX_OF_AN_ANSWER))
                .stream()
                .filter(row -> row.row().leftAt() == null)
                .findFirst()
                .map(Visits::view);
    }

    void forget(@Observes MemberRemoved removed) {
        synchronized (waiting) {
            known.remove(removed.member());
            waiting.remove(removed.member());
        }
    }

    /** Another node has found something out about a member; or empty, it may have about any. */
    public void reread(Optional<MemberId> member) {
        member.ifPresentOrElse(known::remove, known::clear);
    }

    private void add(Task task) {
        synchronized (waiting) {
            waiting.merge(
                    task.member(),
                    task,
                    (one, other) -> new Task(one.family(), one.member(), Math.min(one.from(), other.from())));
            waiting.notifyAll();
        }
    }

    /** To be run every second. */
    public void look() {
        long now = System.currentTimeMillis();
        synchronized (waiting) {
            if (waiting.isEmpty() && known.isEmpty()) {
                return;
            }
        }
        known.forEach((member, what) -> {
            if (what.due() != null && what.due() <= now) {
                families.familyOf(member).ifPresent(family -> add(new Task(family, member, what.newestAt())));
            }
        });
    }

    /** To be run every few seconds: looks for what was stored and not looked at, and forgets what is too old. */
    public void sweep(boolean shared) {
        Instant now = Instant.now();
        boolean first = sweptAt.equals(Instant.EPOCH);
        if (first || shared && store.isLeader() && now.isAfter(sweptAt.plus(SWEEP))) {
            long after = first ? 0 : Offsets.at(sweptAt.minus(SWEEP_OVERLAP));
            tracks.lately(after).forEach(this::look);
            sweptAt = now;
        }
        if (now.isAfter(prunedAt.plus(PRUNE)) && store.isLeader()) {
            store.jdbi().useHandle(handle -> VisitTable.prune(handle, now.toEpochMilli(), history.toHours()));
            prunedAt = now;
        }
    }

    // Making them

    private void work() {
        while (true) {
            Task task = take();
            if (task == null) {
                return;
            }
            if (!tryTo(task)) {
                add(task);
                synchronized (waiting) {
                    try {
                        if (!stopping) {
                            waiting.wait(RETRY_MILLIS);
                        }
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }
        }
    }

    private Task take() {
        synchronized (waiting) {
            while (true) {
                if (stopping) {
                    return null;
                }
                for (Iterator<Task> tasks = waiting.values().iterator(); tasks.hasNext(); ) {
                    Task task = tasks.next();
                    if (working.add(task.member())) {
                        tasks.remove();
                        return task;
                    }
                }
                try {
                    waiting.wait();
                } catch (InterruptedException e) {
                    return null;
                }
            }
        }
    }

    private boolean tryTo(Task task) {
        try {
            make(task);
            return true;
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "Visits wait until the store answers: {0}", e.getMessage());
            return false;
        } finally {
            synchronized (waiting) {
                working.remove(task.member());
                waiting.notifyAll();
            }
        }
    }

    /** Makes the visits of what has come in before, so that reading them finds them. */
    private void settle(FamilyId family, MemberId member) {
        tracks.awaitStored();
        Task task;
        synchronized (waiting) {
            while (working.contains(member)) {
                try {
                    waiting.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
            Known what = known.get(member);
            if (what != null && what.due() != null && what.due() <= System.currentTimeMillis()) {
                add(new Task(family, member, what.newestAt()));
            }
            task = waiting.remove(member);
            if (task == null) {
                return;
            }
            working.add(member);
        }
        if (!tryTo(task)) {
            add(task);
        }
    }

    private void make(Task task) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (tryToMake(task)) {
                return;
            }
        }
        throw new IllegalStateException("They were changed by others again and again");
    }

    /** What is stored before. */
    private record Before(long version, List<VisitTable.Row> rows) {}

    private boolean tryToMake(Task task) {
        MemberId member = task.member();
        Circles circles = places.circles(task.family());
        Before before = store.jdbi()
                .inTransaction(
                        TransactionIsolationLevel.REPEATABLE_READ,
                        handle -> new Before(
                                VisitTable.version(handle, member),
                                VisitTable.after(handle, member, task.from() - FURTHEST_MILLIS)));
        long begin = begin(task.from(), before.rows());
        List<VisitTable.Row> rows = before.rows().stream()
                .filter(row -> row.leftAt() == null || row.leftAt() > begin)
                .toList();
        Optional<VisitTable.Row> covering =
                rows.stream().filter(row -> row.arrivedAt() < begin).findFirst();
        Place first =
                covering.map(row -> circles.find(new PlaceId(row.place()))).orElse(null);
        StayDetector detector = new StayDetector(
                circles, first, covering.map(VisitTable.Row::arrivedAt).orElse(0L));
        long newest = run(detector, member, begin, task.from(), circles, first);
        List<StayDetector.Stay> stays = detector.stays();
        Map<VisitTable.Row, StayDetector.Stay> kept = match(rows, stays);
        boolean same = kept.size() == rows.size()
                && kept.size() == stays.size()
                && kept.entrySet().stream().allMatch(entry -> isSame(entry.getKey(), entry.getValue()));
        if (!same && !store.jdbi().inTransaction(handle -> write(handle, task, before.version(), rows, stays, kept))) {
            return !isMember(member);
        }
        Known now = new Known(detector.current(), newest, detector.due());
        Known earlier = known.put(member, now);
        Optional<CurrentPlace> was = rows.stream()
                .filter(row -> row.leftAt() == null)
                .findFirst()
                .map(row -> new CurrentPlace(
                        new PlaceId(row.place()).toString(),
                        Optional.ofNullable(circles.find(new PlaceId(row.place())))
                                .map(Place::name)
                                .orElse(""),
                        Instant.ofEpochMilli(row.arrivedAt())));
        Optional<CurrentPlace> is = stays.stream()
                .filter(stay -> stay.leftAt() == null)
                .findFirst()
                .map(stay -> new CurrentPlace(
                        stay.place().id().toString(), stay.place().name(), Instant.ofEpochMilli(stay.arrivedAt())));
        // A visit may have gone with its place.
        boolean isLost = earlier != null && earlier.current() != null && is.isEmpty();
        if (isLost || !was.equals(is)) {
            facts.accept(new WhereaboutsChanged(task.family(), member, is));
        }
        return true;
    }

    private boolean isMember(MemberId member) {
        return families.familyOf(member).isPresent();
    }

    /** Where the detector begins: some time before, and not shortly before somebody arrives or leaves. */
    private static long begin(long from, List<VisitTable.Row> rows) {
        long begin = from - LEAD_MILLIS;
        List<Long> turns = new ArrayList<>();
        rows.forEach(row -> {
            turns.add(row.arrivedAt());
            if (row.leftAt() != null) {
                turns.add(row.leftAt());
            }
        });
        for (int i = turns.size() - 1; i >= 0; i--) {
            if (turns.get(i) >= begin - QUIET_MILLIS && turns.get(i) <= begin + QUIET_MILLIS) {
                begin = turns.get(i) - QUIET_MILLIS - 1;
            }
        }
        return Math.max(begin, from - FURTHEST_MILLIS);
    }

    /** @return when the last position was measured */
    private long run(StayDetector detector, MemberId member, long begin, long from, Circles circles, Place first) {
        Iterator<Long> ends = pauses.of(member).stream()
                .map(Pause::since)
                .map(Instant::toEpochMilli)
                .filter(at -> at >= begin)
                .iterator();
        Long end = ends.hasNext() ? ends.next() : null;
        long now = System.currentTimeMillis();
        long newest = begin;
        boolean warm = first == null;
        try (Stream<StoredReport> reports =
                tracks.between(member, Instant.ofEpochMilli(Math.max(begin, 0)), END, false)) {
            for (StoredReport kept : (Iterable<StoredReport>) reports::iterator) {
                if (kept.report() instanceof Fix fix) {
                    StayDetector.Point point = StayDetector.Point.of(
                            fix.measuredAt().toEpochMilli(), fix.latitude(), fix.longitude(), fix.accuracy());
                    while (end != null && end <= point.at()) {
                        detector.stop(end);
                        warm = true;
                        end = ends.hasNext() ? ends.next() : null;
                    }
                    // The first one may be an impossible one, which only the one before it would show.
                    // Not one that is later: then they may really have left.
                    warm |= point.at() >= Math.min(from, begin + QUIET_MILLIS)
                            || StayDetector.isNoNews(circles, first, point);
                    if (warm) {
                        detector.take(point);
                    }
                    newest = point.at();
                }
            }
        }
        while (end != null && end <= now) {
            detector.stop(end);
            end = ends.hasNext() ? ends.next() : null;
        }
        detector.settle(now);
        return newest;
    }

    /** Which stay is which visit: of the same place, and at the same time. */
    private static Map<VisitTable.Row, StayDetector.Stay> match(
            List<VisitTable.Row> rows, List<StayDetector.Stay> stays) {
        Map<VisitTable.Row, StayDetector.Stay> matches = new HashMap<>();
        int next = 0;
        for (StayDetector.Stay stay : stays) {
            long until = stay.leftAt() == null ? Long.MAX_VALUE : stay.leftAt() + 1;
            for (int i = next; i < rows.size(); i++) {
                VisitTable.Row row = rows.get(i);
                if (row.place() == stay.place().id().value() && row.touches(stay.arrivedAt() - 1, until)) {
                    matches.put(row, stay);
                    next = i + 1;
                    break;
                }
            }
        }
        return matches;
    }

    private static boolean isSame(VisitTable.Row row, StayDetector.Stay stay) {
        return row.arrivedAt() == stay.arrivedAt() && Objects.equals(row.leftAt(), stay.leftAt());
    }

    /** @return false where somebody else has changed them meanwhile */
    private boolean write(
            Handle handle,
            Task task,
            long version,
            List<VisitTable.Row> rows,
            List<StayDetector.Stay> stays,
            Map<VisitTable.Row, StayDetector.Stay> kept) {
        MemberId member = task.member();
        if (!VisitTable.claim(handle, member, version)) {
            return false;
        }
        Map<StayDetector.Stay, VisitTable.Row> before = new HashMap<>();
        for (VisitTable.Row row : rows) {
            StayDetector.Stay stay = kept.get(row);
            if (stay != null) {
                before.put(stay, row);
            }
            if (stay == null || !isSame(row, stay)) {
                VisitTable.delete(handle, row.id());
            }
        }
        for (StayDetector.Stay stay : stays) {
            VisitTable.Row row = before.get(stay);
            if (row != null && isSame(row, stay)) {
                continue;
            }
            long id = row == null ? Ids.random() : row.id();
            VisitTable.insert(
                    handle, member, new VisitTable.Row(id, stay.place().id().value(), stay.arrivedAt(), stay.leftAt()));
            Visit visit = new Visit(
                    id,
                    task.family(),
                    member,
                    stay.place(),
                    Instant.ofEpochMilli(stay.arrivedAt()),
                    Optional.ofNullable(stay.leftAt()).map(Instant::ofEpochMilli));
            if (row == null) {
                watchers.forEach(watcher -> watcher.arrived(handle, visit));
            }
            if (stay.seen() && (row == null || row.leftAt() == null)) {
                watchers.forEach(watcher -> watcher.left(handle, visit));
            }
        }
        return true;
    }

    // Reading them

    @Override
    public Map<MemberId, CurrentPlace> of(FamilyId family) {
        // Who has just been told that it is stored may ask before this has heard of it.
        tracks.awaitStored();
        List<MemberId> members;
        synchronized (waiting) {
            members = new ArrayList<>(waiting.values().stream()
                    .filter(task -> task.family().equals(family))
                    .map(Task::member)
                    .toList());
        }
        members.forEach(member -> settle(family, member));
        Map<MemberId, CurrentPlace> current = new HashMap<>();
        store.jdbi().withHandle(handle -> VisitTable.current(handle, family)).forEach(row -> {
            if (pauses.current(row.member()).isEmpty()) {
                current.put(row.member(), view(row));
            }
        });
        return current;
    }

    private static CurrentPlace view(VisitTable.Named row) {
        return new CurrentPlace(
                new PlaceId(row.row().place()).toString(),
                row.name(),
                Instant.ofEpochMilli(row.row().arrivedAt()));
    }

    /**
     * A visit as it is told.
     *
     * @param leftAt null while they are there
     */
    public record Told(String placeId, String name, Instant arrivedAt, Instant leftAt) {}

    /** A member's visits that touch a time, the first {@value #MAX_OF_AN_ANSWER} of them. */
    public List<Told> list(FamilyId family, MemberId member, Instant from, Instant until) {
        settle(family, member);
        return store
                .jdbi()
                .withHandle(handle ->
                        VisitTable.between(handle, member, from.toEpochMilli(), until.toEpochMilli(), MAX_OF_AN_ANSWER))
                .stream()
                .map(row -> new Told(
                        new PlaceId(row.row().place()).toString(),
                        row.name(),
                        Instant.ofEpochMilli(row.row().arrivedAt()),
                        row.row().leftAt() == null
                                ? null
                                : Instant.ofEpochMilli(row.row().leftAt())))
                .toList();
    }
}
