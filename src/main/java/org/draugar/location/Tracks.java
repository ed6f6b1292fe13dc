package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * Where every member has been. Reports come here from the {@link Journal}, some seconds after they were made safe
 * there, or at once when somebody wants to read. Each row is a {@link Pack} of what one member measured within one
 * hour: so a day is read in a few dozen rows, and a busy server writes a few rows instead of thousands. Thread-safe.
 */
@Singleton
public class Tracks {
    private static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);
    /** A row with this many reports is full: adding to a row means writing all of it anew. */
    private static final int MOST_IN_A_ROW = 128;
    /**
     * As much is filed at once, in bytes of the journal: some 60,000 positions, so that who moves a lot is written anew
     * once for many, and no more of what is encrypted, which may be fifty times as large, than the heap has room for.
     */
    private static final int FILED_AT_ONCE = 6 * 1024 * 1024;
    /** As many members' rows are written in one transaction, which H2 keeps in memory as they were and as they will be. */
    private static final int MEMBERS_AT_ONCE = 250;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int PATIENCE_SECONDS = 10;
    private static final Comparator<Kept> BY_TIME = Comparator.<Kept, Instant>comparing(
                    kept -> kept.report().measuredAt())
            .thenComparing(Kept::offset);
    private static final Comparator<Kept> BY_OFFSET = Comparator.comparingLong(Kept::offset);

    private final Store store;
    private final Journal journal;
    private final Duration history;
    /** Sequence number of the last row of the journal that was filed. */
    private volatile long filed;
    /** Held by who writes tracks. */
    private final ReentrantLock writing = new ReentrantLock();
    /** Held for writing while some members are filed and others are not. */
    private final ReentrantReadWriteLock filing = new ReentrantReadWriteLock();
    /** Whether the table of the journal that is not written to may hold something; set under {@link #writing}. */
    private volatile boolean unfinished = true;
    /** Whether some of what is to be filed may have been filed already; guarded by {@link #writing}. */
    private boolean inDoubt = true;
    /** Until when who files lets others go first, in {@link System#nanoTime()}; guarded by {@link #writing}. */
    private long patientUntil;

    @Inject
    Tracks(Store store, Journal journal, Settings settings) {
        this.store = store;
        this.journal = journal;
        this.history = settings.history();
    }

    /** A report with the name that its sender has now. */
    public record Named(Kept kept, String memberName) {}

    /** Files what is in the journal, without haste. To be called now and then. */
    public void file() {
        file(PATIENCE_SECONDS);
    }

    private void file(int patienceSeconds) {
        writing.lock();
        try {
            patientUntil = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
            fileAll();
        } finally {
            writing.unlock();
        }
    }

    /** Waits for who files right now, and makes them hurry; for ten seconds at most. */
    public void stop() {
        try {
            if (writing.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                writing.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Files everything that was taken in before this call, so that reading afterwards finds it.
     *
     * @throws Problem 503 when the store does not answer in time
     */
    public void bringUpToDate() {
        try {
            journal.flush().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new Problem(503, "The store does not answer right now; try again in a moment");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(503, "The server stops");
        }
        // What was filed and is not forgotten yet would come back after a restart, even if somebody deletes it now.
        if (unfinished || filed < journal.written()) {
            file(0);
        }
    }

    /** The last known report of every member of a family. */
    public List<Named> latest(FamilyId family) {
        bringUpToDate();
        return store.jdbi().withHandle(handle -> {
            Map<MemberId, Named> latest = new HashMap<>();
            handle.createQuery("select m.name, t.pack from member m join track t on t.member_id = m.id"
                            + " where m.family_id = :family and t.epoch_hour ="
                            + " (select max(x.epoch_hour) from track x where x.member_id = m.id)")
                    .bind("family", family.value())
                    .map((row, context) -> {
                        String name = row.getString("name");
                        return Pack.open(row.getBytes("pack")).stream()
                                .max(BY_TIME)
                                .map(kept -> new Named(kept, name))
                                .orElseThrow();
                    })
                    .forEach(named -> latest.merge(
                            named.kept().member(), named, (a, b) -> BY_TIME.compare(a.kept(), b.kept()) > 0 ? a : b));
            return List.copyOf(latest.values());
        });
    }

    /**
     * What a family's stream carried after an offset, in its order.
     *
     * @param page where there are more than this, at least so many come, and the rest another time
     */
    public List<Named> after(FamilyId family, long offset, int page) {
        bringUpToDate();
        // As of one moment: between two looks, a member's row may grow, and another's begin, whose reports come first.
        filing.readLock().lock();
        try {
            return store.jdbi()
                    .inTransaction(
                            TransactionIsolationLevel.REPEATABLE_READ, handle -> after(handle, family, offset, page));
        } finally {
            filing.readLock().unlock();
        }
    }

    private static List<Named> after(Handle handle, FamilyId family, long offset, int page) {
        List<Row> rows = handle.createQuery("select member_id, epoch_hour, first_offset from track"
                        + " where family_id = :family and last_offset > :offset"
                        + " order by first_offset")
                .bind("family", family.value())
                .bind("offset", offset)
                .map((row, context) -> new Row(
                        new MemberId(row.getLong("member_id")), row.getLong("epoch_hour"), row.getLong("first_offset")))
                .list();
        long end = Long.MAX_VALUE;
        List<Kept> found = new ArrayList<>();
        for (Row row : rows) {
            // The rows overlap; what is below the first offset of this one is complete without it.
            long complete = row.firstOffset();
            if (found.stream().filter(kept -> kept.offset() < complete).count() >= page) {
                end = complete;
                break;
            }
            pack(handle, row).stream().filter(kept -> kept.offset() > offset).forEach(found::add);
        }
        Map<MemberId, String> names = names(handle, family);
        long until = end;
        return found.stream()
                .filter(kept -> kept.offset() < until)
                .sorted(BY_OFFSET)
                .map(kept -> new Named(kept, names.getOrDefault(kept.member(), "")))
                .toList();
    }

    /**
     * What a member measured from one moment until before another, by time. Read hour by hour while it is consumed.
     *
     * @param newestFirst the order
     */
    public Stream<Kept> between(MemberId member, Instant from, Instant until, boolean newestFirst) {
        bringUpToDate();
        Comparator<Kept> order = newestFirst ? BY_TIME.reversed() : BY_TIME;
        return hours(member, from, until).stream()
                .sorted(newestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder())
                .flatMap(hour -> store.jdbi().withHandle(handle -> ofHour(handle, member, hour)).stream()
                        .filter(kept -> isWithin(kept, from, until))
                        .sorted(order));
    }

    /**
     * Keeps what was measured elsewhere and long ago; nobody live is told. What is already there with the same time of
     * measurement stays as it is, so that the same file may be taken in twice.
     *
     * @return how many were new
     */
    public int add(FamilyId family, MemberId member, DeviceId device, List<Fix> fixes) {
        bringUpToDate();
        Map<Long, List<Fix>> byHour = fixes.stream()
                .collect(Collectors.groupingBy(fix -> hour(fix.measuredAt()), TreeMap::new, Collectors.toList()));
        writing.lock();
        try {
            return store.jdbi().inTransaction(handle -> {
                int news = 0;
                if (!lock(handle, List.of(member))) {
                    return news;
                }
                for (Map.Entry<Long, List<Fix>> entry : byHour.entrySet()) {
                    Set<Instant> known = ofHour(handle, member, entry.getKey()).stream()
                            .map(kept -> kept.report().measuredAt())
                            .collect(Collectors.toCollection(HashSet::new));
                    // Their place is below every place in a stream, where nobody resumes from.
                    List<Kept> unknown = entry.getValue().stream()
                            .filter(fix -> known.add(fix.measuredAt()))
                            .map(fix -> new Kept(
                                    family, member, device, fix.measuredAt().toEpochMilli(), null, fix))
                            .toList();
                    if (!unknown.isEmpty()) {
                        add(handle, member, entry.getKey(), Pack.of(unknown));
                        news += unknown.size();
                    }
                }
                return news;
            });
        } finally {
            writing.unlock();
        }
    }

    /** Deletes what a member measured from one moment until before another. */
    public void delete(MemberId member, Instant from, Instant until) {
        bringUpToDate();
        writing.lock();
        try {
            for (long hour : hours(member, from, until)) {
                store.jdbi().useTransaction(handle -> {
                    lock(handle, List.of(member));
                    List<Kept> stay = ofHour(handle, member, hour).stream()
                            .filter(kept -> !isWithin(kept, from, until))
                            .toList();
                    handle.createUpdate("delete from track where member_id = :member and epoch_hour = :hour")
                            .bind("member", member.value())
                            .bind("hour", hour)
                            .execute();
                    if (!stay.isEmpty()) {
                        add(handle, member, hour, Pack.of(stay));
                    }
                });
            }
        } finally {
            writing.unlock();
        }
    }

    /**
     * Deletes what is older than its family keeps.
     *
     * @return whether there was any
     */
    boolean prune() {
        // What a removed member sent last may still be in the journal.
        bringUpToDate();
        List<MemberId> members = store.jdbi().withHandle(handle -> handle.createQuery("select id from member")
                .mapTo(Long.class)
                .map(MemberId::new)
                .list());
        boolean pruned = false;
        for (MemberId member : members) {
            writing.lock();
            try {
                pruned |= store.jdbi().inTransaction(handle -> terms(handle, List.of(member)).values().stream()
                        .anyMatch(term -> term.isZero()
                                ? keepNewest(handle, member, List.of())
                                : deleteBefore(
                                        handle, member, hour(Instant.now().minus(term)))));
            } finally {
                writing.unlock();
            }
        }
        return pruned;
    }

    /** The highest offset in any stream. */
    public long lastOffset() {
        file(0);
        return store.jdbi().withHandle(handle -> handle.createQuery("select coalesce(max(last_offset), 0) from track")
                .mapTo(Long.class)
                .one());
    }

    /** What a member measured lately, by time; empty when they never did. */
    List<Kept> lately(MemberId member) {
        bringUpToDate();
        return store.jdbi().withHandle(handle -> newestHour(handle, member));
    }

    /**
     * Tells what every member measured lately, by time, one member after the other: together it may be more than the
     * memory holds.
     *
     * @param most nothing is told when there are more members than that
     */
    void latelyOfAll(int most, BiConsumer<MemberId, List<Kept>> listener) {
        bringUpToDate();
        store.jdbi().useHandle(handle -> {
            List<MemberId> members = handle.createQuery(
                            "select id from member fetch first " + (most + 1) + " rows only")
                    .mapTo(Long.class)
                    .map(MemberId::new)
                    .list();
            if (members.size() <= most) {
                members.forEach(member -> listener.accept(member, newestHour(handle, member)));
            }
        });
    }

    /** What a member measured within the hour of a moment, by time. */
    List<Kept> around(MemberId member, Instant moment) {
        bringUpToDate();
        return store.jdbi().withHandle(handle -> ofHour(handle, member, hour(moment)));
    }

    private record Row(MemberId member, long hour, long firstOffset) {}

    /** Files what the journal holds. To be called by who writes tracks. */
    private void fileAll() {
        fileRest();
        if (filed < journal.written()) {
            unfinished = true;
            long last = journal.turn();
            fileRest();
            filed = Math.max(filed, last);
        }
        inDoubt = false;
    }

    /** Files the table of the journal that is not written to, and empties it. */
    private void fileRest() {
        if (unfinished) {
            boolean more;
            do {
                more = fileSome();
            } while (more);
            journal.forget();
            unfinished = false;
        }
    }

    /** @return whether there was any */
    private boolean fileSome() {
        Map<MemberId, Map<Long, Pack>> packs = new LinkedHashMap<>();
        int size = 0;
        long last = filed;
        while (size < FILED_AT_ONCE) {
            List<Journal.Row> rows = journal.rowsAfter(last);
            if (rows.isEmpty()) {
                break;
            }
            last = rows.get(rows.size() - 1).sequence();
            for (Journal.Row row : rows) {
                makeWay();
                // Without history this is only the newest of each, however much there is.
                size += history.isZero() ? 0 : row.pack().length;
                sort(Pack.read(row.pack()), packs);
            }
        }
        if (packs.isEmpty()) {
            return false;
        }
        filing.writeLock().lock();
        try {
            boolean before = inDoubt;
            inDoubt = true;
            List<MemberId> members = List.copyOf(packs.keySet());
            for (int first = 0; first < members.size(); first += MEMBERS_AT_ONCE) {
                List<MemberId> some = members.subList(first, Math.min(first + MEMBERS_AT_ONCE, members.size()));
                store.jdbi().useTransaction(handle -> file(handle, some, packs, before));
            }
            inDoubt = before;
        } finally {
            filing.writeLock().unlock();
        }
        // Not before the commit: who reads next would not wait for it.
        filed = last;
        return true;
    }

    private void sort(Pack.Reader reports, Map<MemberId, Map<Long, Pack>> packs) {
        while (reports.next()) {
            Pack pack = packs.computeIfAbsent(reports.member(), m -> new TreeMap<>())
                    .computeIfAbsent(hour(reports.measuredAt()), h -> new Pack());
            if (history.isZero() && pack.size() > 0) {
                Pack.Reader newest = pack.read();
                newest.next();
                if (!reports.isAfter(newest)) {
                    continue;
                }
                pack.clear();
            }
            pack.add(reports);
        }
    }

    /** @param again whether some of it may have been filed before */
    private void file(Handle handle, List<MemberId> members, Map<MemberId, Map<Long, Pack>> packs, boolean again) {
        // Who was removed meanwhile has no term, and no track any more.
        terms(handle, members).forEach((member, term) -> {
            makeWay();
            Map<Long, Pack> byHour = packs.get(member);
            if (term.isZero()) {
                keepNewest(
                        handle,
                        member,
                        byHour.values().stream()
                                .flatMap(pack -> pack.read().all().stream())
                                .toList());
                return;
            }
            byHour.forEach((hour, pack) -> {
                long known = again ? lastOffset(handle, member, hour) : 0;
                if (known < pack.lastOffset()) {
                    add(handle, member, hour, known < pack.firstOffset() ? pack : pack.after(known));
                }
            });
        });
    }

    private static long lastOffset(Handle handle, MemberId member, long hour) {
        return handle.createQuery("select coalesce(max(last_offset), 0) from track"
                        + " where member_id = :member and epoch_hour = :hour")
                .bind("member", member.value())
                .bind("hour", hour)
                .mapTo(Long.class)
                .one();
    }

    /** Nobody waits for who files by the clock, but live events share its processor: it lets them go first. */
    private void makeWay() {
        if (System.nanoTime() - patientUntil < 0 && !writing.hasQueuedThreads() && !filing.hasQueuedThreads()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** How long the positions of members are kept; zero for only the last one. Who is no member any more is left out. */
    private Map<MemberId, Duration> terms(Handle handle, List<MemberId> members) {
        lock(handle, members);
        Map<MemberId, Duration> terms = new HashMap<>();
        handle.createQuery("select m.id, f.history_hours from member m join family f on f.id = m.family_id"
                        + " where m.id in (<members>)")
                .bindList("members", members.stream().map(MemberId::value).toList())
                .map((row, context) -> {
                    Long hours = row.getObject("history_hours", Long.class);
                    return Map.entry(
                            new MemberId(row.getLong("id")),
                            hours == null || history.toHours() < hours ? history : Duration.ofHours(hours));
                })
                .forEach(entry -> terms.put(entry.getKey(), entry.getValue()));
        return terms;
    }

    /**
     * Nobody who is here now is removed before the transaction ends: their rows could not be written any more. In the
     * order in which a removal locks, so that none waits for the other.
     *
     * @return whether there are any
     */
    private static boolean lock(Handle handle, List<MemberId> members) {
        return !handle.createQuery("select id from member where id in (<members>) order by id for update")
                .bindList("members", members.stream().map(MemberId::value).toList())
                .mapTo(Long.class)
                .list()
                .isEmpty();
    }

    private static boolean keepNewest(Handle handle, MemberId member, List<Kept> more) {
        if (more.isEmpty() && count(handle, member) <= 1) {
            return false;
        }
        Kept newest = Stream.concat(newestHour(handle, member).stream(), more.stream())
                .max(BY_TIME)
                .orElseThrow();
        deleteBefore(handle, member, Long.MAX_VALUE);
        add(handle, member, hour(newest.report().measuredAt()), Pack.of(List.of(newest)));
        return true;
    }

    private static int count(Handle handle, MemberId member) {
        return handle.createQuery("select coalesce(sum(reports), 0) from track where member_id = :member")
                .bind("member", member.value())
                .mapTo(Integer.class)
                .one();
    }

    private static boolean deleteBefore(Handle handle, MemberId member, long hour) {
        return handle.createUpdate("delete from track where member_id = :member and epoch_hour < :hour")
                        .bind("member", member.value())
                        .bind("hour", hour)
                        .execute()
                > 0;
    }

    private static List<Kept> newestHour(Handle handle, MemberId member) {
        return handle.createQuery("select max(epoch_hour) from track where member_id = :member")
                .bind("member", member.value())
                .mapTo(Long.class)
                .findOne()
                .map(hour -> ofHour(handle, member, hour))
                .orElse(List.of());
    }

    private List<Long> hours(MemberId member, Instant from, Instant until) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select distinct epoch_hour from track"
                        + " where member_id = :member and epoch_hour between :first and :last")
                .bind("member", member.value())
                .bind("first", hour(from))
                .bind("last", hour(until))
                .mapTo(Long.class)
                .list());
    }

    private static boolean isWithin(Kept kept, Instant from, Instant until) {
        Instant at = kept.report().measuredAt();
        return !at.isBefore(from) && at.isBefore(until);
    }

    /** Adds to the last row of that hour while it is not full, and then to new ones. */
    private static void add(Handle handle, MemberId member, long hour, Pack news) {
        Pack pack = new Pack();
        // H2 would read all rows of the hour to say which of them are not full, or come last.
        Optional<Row> open = handle.createQuery("select first_offset, pack from track"
                        + " where member_id = :member and epoch_hour = :hour and reports < " + MOST_IN_A_ROW
                        + " and first_offset = (select max(x.first_offset) from track x"
                        + " where x.member_id = :member and x.epoch_hour = :hour)")
                .bind("member", member.value())
                .bind("hour", hour)
                .map((row, context) -> {
                    pack.addAll(Pack.read(row.getBytes("pack")));
                    return new Row(member, hour, row.getLong("first_offset"));
                })
                .findOne();
        Pack.Reader more = news.read();
        while (more.next()) {
            if (pack.size() == MOST_IN_A_ROW || pack.isFull()) {
                write(handle, open, member, hour, pack);
                open = Optional.empty();
                pack.clear();
            }
            pack.add(more);
        }
        write(handle, open, member, hour, pack);
    }

    /** @param open the row to write anew; without it, a new one is written */
    private static void write(Handle handle, Optional<Row> open, MemberId member, long hour, Pack pack) {
        Update update = open.map(row -> handle.createUpdate("update track"
                                + " set first_offset = :first, last_offset = :last, reports = :reports, pack = :pack"
                                + " where member_id = :member and epoch_hour = :hour and first_offset = :open")
                        .bind("open", row.firstOffset()))
                .orElseGet(() -> handle.createUpdate("insert into track"
                                + " (family_id, member_id, epoch_hour, first_offset, last_offset, reports, pack)"
                                + " values (:family, :member, :hour, :first, :last, :reports, :pack)")
                        .bind("family", pack.family().value()));
        update.bind("member", member.value())
                .bind("hour", hour)
                .bind("first", pack.firstOffset())
                .bind("last", pack.lastOffset())
                .bind("reports", pack.size())
                .bind("pack", pack.deflated())
                .execute();
    }

    private static List<Kept> pack(Handle handle, Row row) {
        return handle.createQuery(
                        "select pack from track where member_id = :member and epoch_hour = :hour and first_offset = :first")
                .bind("member", row.member().value())
                .bind("hour", row.hour())
                .bind("first", row.firstOffset())
                .map((r, context) -> Pack.open(r.getBytes("pack")))
                .findOne()
                .orElse(List.of());
    }

    private static List<Kept> ofHour(Handle handle, MemberId member, long hour) {
        return handle
                .createQuery("select pack from track where member_id = :member and epoch_hour = :hour")
                .bind("member", member.value())
                .bind("hour", hour)
                .map((row, context) -> Pack.open(row.getBytes("pack")))
                .stream()
                .flatMap(List::stream)
                .sorted(BY_TIME)
                .toList();
    }

    private static Map<MemberId, String> names(Handle handle, FamilyId family) {
        Map<MemberId, String> names = new HashMap<>();
        handle.createQuery("select id, name from member where family_id = :family")
                .bind("family", family.value())
                .map((row, context) -> Map.entry(new MemberId(row.getLong("id")), row.getString("name")))
                .forEach(entry -> names.put(entry.getKey(), entry.getValue()));
        return names;
    }

    private static long hour(Instant moment) {
        return hour(moment.toEpochMilli());
    }

    private static long hour(long epochMilli) {
        return Math.floorDiv(epochMilli, HOUR_MILLIS);
    }
}
