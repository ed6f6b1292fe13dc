package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.draugar.family.DeviceId;
import org.draugar.family.Family;
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

    /** As many rows of an hour are read at once; each may have a quarter of a megabyte. */
    private static final int ROWS_AT_ONCE = 16;
    /** As many rows are looked at for a page of a family's stream. */
    private static final int MAX_ROWS_OF_A_PAGE = 2000;
    /** As much is in memory of what is read, in bytes, more or less: 5,000 positions, fewer where they are encrypted. */
    private static final int MAX_PAGE = 1 << 20;

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

    /** A part of a family's stream. @param more whether more follows it */
    public record NamedPage(List<Named> reports, boolean more) {}

    /** A part of a member's track. @param more whether more follows it */
    public record Page(List<Kept> reports, boolean more) {
        /** The last one, of a page that has any. */
        public Kept last() {
            return reports.get(reports.size() - 1);
        }
    }

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
        return snapshot(handle -> {
            List<Named> latest = new ArrayList<>();
            names(handle, family).forEach((member, name) -> newest(handle, member)
                    .ifPresent(kept -> latest.add(new Named(kept, name))));
            return latest;
        });
    }

    private static Optional<Kept> newest(Handle handle, MemberId member) {
        return newest(handle, member, kept -> true);
    }

    /** Of the last hour that there is anything of. */
    private static Optional<Kept> newest(Handle handle, MemberId member, Predicate<Kept> wanted) {
        Lowest newest = new Lowest(BY_TIME.reversed(), 1);
        newestHour(handle, member)
                .ifPresent(hour -> forEachRow(handle, member, hour, reports -> {
                    while (reports.next()) {
                        if (newest.isEmpty() || isAfter(reports, newest.last())) {
                            Kept kept = reports.kept();
                            if (wanted.test(kept)) {
                                newest.add(kept);
                            }
                        }
                    }
                }));
        return newest.isEmpty() ? Optional.empty() : Optional.of(newest.last());
    }

    /**
     * What a family's stream carried after an offset, in its order.
     *
     * @param most as many come at most; fewer where they are large
     * @return empty where the rows of the family overlap so much that to find the next ones would take a second or more:
     *     where a member's devices send old positions in no order, for a day
     */
    public Optional<NamedPage> after(FamilyId family, long offset, int most) {
        bringUpToDate();
        // As of one moment: between two looks, a member's row may grow, and another's begin, whose reports come first.
        filing.readLock().lock();
        try {
            return snapshot(handle -> after(handle, family, offset, most));
        } finally {
            filing.readLock().unlock();
        }
    }

    private static Optional<NamedPage> after(Handle handle, FamilyId family, long offset, int most) {
        List<Row> rows = handle.createQuery("select member_id, epoch_hour, first_offset from track"
                        + " where family_id = :family and last_offset > :offset"
                        + " order by first_offset fetch first " + (MAX_ROWS_OF_A_PAGE + 1) + " rows only")
                .bind("family", family.value())
                .bind("offset", offset)
                .map((row, context) -> new Row(
                        new MemberId(row.getLong("member_id")), row.getLong("epoch_hour"), row.getLong("first_offset")))
                .list();
        Lowest found = new Lowest(BY_OFFSET, most);
        for (int i = 0; i < rows.size(); i++) {
            // The rows overlap; what is below the first offset of this one is complete without it.
            if (found.isCut() && rows.get(i).firstOffset() > found.last().offset()) {
                break;
            }
            if (i == MAX_ROWS_OF_A_PAGE) {
                return Optional.empty();
            }
            pack(handle, rows.get(i)).ifPresent(reports -> {
                while (reports.next()) {
                    if (reports.offset() > offset
                            && !(found.isCut()
                                    && reports.offset() > found.last().offset())) {
                        found.add(reports.kept());
                    }
                }
            });
        }
        Map<MemberId, String> names = names(handle, family);
        return Optional.of(new NamedPage(
                found.inOrder().stream()
                        .map(kept -> new Named(kept, names.getOrDefault(kept.member(), "")))
                        .toList(),
                found.isCut()));
    }

    /**
     * What a member measured from one moment until before another, by time. Read page by page while it is consumed.
     *
     * @param newestFirst the order
     */
    public Stream<Kept> between(MemberId member, Instant from, Instant until, boolean newestFirst) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        track(member, from, until, newestFirst, Optional.empty()),
                        Spliterator.ORDERED | Spliterator.NONNULL),
                false);
    }

    /**
     * A page of that.
     *
     * @param after where the page before it ended
     * @param most as many come at most; fewer where they are large
     */
    public Page page(
            MemberId member, Instant from, Instant until, boolean newestFirst, Optional<PageCursor> after, int most) {
        Track track = track(member, from, until, newestFirst, after);
        List<Kept> reports = new ArrayList<>();
        long size = 0;
        while (track.hasNext() && reports.size() < most && (size < MAX_PAGE || reports.isEmpty())) {
            reports.add(track.next());
            size += size(reports.get(reports.size() - 1));
        }
        return new Page(reports, track.hasNext());
    }

    private Track track(MemberId member, Instant from, Instant until, boolean newestFirst, Optional<PageCursor> after) {
        bringUpToDate();
        Instant first = after.filter(cursor -> !newestFirst).map(PageCursor::at).orElse(from);
        Instant end = after.filter(cursor -> newestFirst)
                .map(cursor -> cursor.at().plusMillis(1))
                .orElse(until);
        return new Track(
                member,
                hours(member, first, end).stream()
                        .sorted(newestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder())
                        .iterator(),
                from,
                until,
                newestFirst,
                after.orElse(null));
    }

    /** Goes through what a member measured. However much there is, no more of it is in memory than a page. */
    private final class Track implements Iterator<Kept> {
        private final MemberId member;
        private final Iterator<Long> hours;
        private final Instant from;
        private final Instant until;
        private final Comparator<Kept> order;
        private final boolean newestFirst;
        /** Behind this the next page begins, or null for the beginning. */
        private PageCursor cursor;

        private long hour;
        /** Whether the hour has more than the page in hand. */
        private boolean more;

        private Iterator<Kept> page = Collections.emptyIterator();

        Track(
                MemberId member,
                Iterator<Long> hours,
                Instant from,
                Instant until,
                boolean newestFirst,
                PageCursor cursor) {
            this.member = member;
            this.hours = hours;
            this.from = from;
            this.until = until;
            this.newestFirst = newestFirst;
            this.order = newestFirst ? BY_TIME.reversed() : BY_TIME;
            this.cursor = cursor;
        }

        @Override
        public boolean hasNext() {
            while (!page.hasNext() && (more || hours.hasNext())) {
                if (!more) {
                    hour = hours.next();
                }
                Lowest next = snapshot(this::read);
                more = next.isCut();
                if (more) {
                    cursor = PageCursor.of(next.last());
                }
                page = next.inOrder().iterator();
            }
            return page.hasNext();
        }

        @Override
        public Kept next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return page.next();
        }

        /** Looks at all rows of the hour: they are by place in the stream, and a phone sends in any order. */
        private Lowest read(Handle handle) {
            Lowest found = new Lowest(order, Integer.MAX_VALUE);
            forEachRow(handle, member, hour, reports -> {
                while (reports.next()) {
                    Instant at = Instant.ofEpochMilli(reports.measuredAt());
                    if (!at.isBefore(from)
                            && at.isBefore(until)
                            && (cursor == null || isBehind(cursor.at(), cursor.offset(), at, reports.offset()))
                            && !(found.isCut()
                                    && isBehind(
                                            found.last().report().measuredAt(),
                                            found.last().offset(),
                                            at,
                                            reports.offset()))) {
                        found.add(reports.kept());
                    }
                }
            });
            return found;
        }

        /** Whether the second one comes later than the first. */
        private boolean isBehind(Instant at, long offset, Instant nextAt, long nextOffset) {
            int time = nextAt.compareTo(at);
            int later = time != 0 ? time : Long.compare(nextOffset, offset);
            return newestFirst ? later < 0 : later > 0;
        }
    }

    /** The first reports in some order, out of many that come in any order: as many as a page has room for. */
    private static final class Lowest {
        private final Comparator<Kept> order;
        private final PriorityQueue<Kept> lastFirst;
        private final int most;
        private long size;
        private boolean cut;

        Lowest(Comparator<Kept> order, int most) {
            this.order = order;
            this.lastFirst = new PriorityQueue<>(order.reversed());
            this.most = most;
        }

        void add(Kept kept) {
            lastFirst.add(kept);
            size += Tracks.size(kept);
            while (lastFirst.size() > most || size > MAX_PAGE && lastFirst.size() > 1) {
                size -= Tracks.size(lastFirst.remove());
                cut = true;
            }
        }

        boolean isEmpty() {
            return lastFirst.isEmpty();
        }

        /** Whether some found no room: what comes after {@link #last()} is of no use any more. */
        boolean isCut() {
            return cut;
        }

        Kept last() {
            return lastFirst.element();
        }

        List<Kept> inOrder() {
            return lastFirst.stream().sorted(order).toList();
        }
    }

    /** What a report takes in memory, in bytes, more or less. */
    private static int size(Kept kept) {
        return kept.report() instanceof Encrypted encrypted
                ? 200 + encrypted.c().length()
                : 200;
    }

    private static boolean isAfter(Pack.Reader reports, Kept kept) {
        long at = kept.report().measuredAt().toEpochMilli();
        return reports.measuredAt() > at || reports.measuredAt() == at && reports.offset() > kept.offset();
    }

    /**
     * Keeps what was measured elsewhere and long ago; nobody live is told. What is already there with the same time and
     * place stays as it is, so that the same file may be taken in twice.
     *
     * @return how many were new
     * @throws Problem 409 when there would be too many of one hour
     */
    public int add(FamilyId family, MemberId member, DeviceId device, List<Fix> fixes) {
        bringUpToDate();
        Map<Long, Map<Spot, Fix>> byHour = new TreeMap<>();
        for (Fix fix : fixes) {
            byHour.computeIfAbsent(hour(fix.measuredAt()), hour -> new LinkedHashMap<>())
                    .putIfAbsent(Spot.of(fix), fix);
        }
        writing.lock();
        try {
            return store.jdbi().inTransaction(handle -> {
                int news = 0;
                if (!lock(handle, List.of(member))) {
                    return news;
                }
                for (Map.Entry<Long, Map<Spot, Fix>> entry : byHour.entrySet()) {
                    news += add(handle, family, member, device, entry.getKey(), entry.getValue());
                }
                return news;
            });
        } finally {
            writing.unlock();
        }
    }

    /** @param fixes of one hour; what is known is taken out of it */
    private static int add(
            Handle handle, FamilyId family, MemberId member, DeviceId device, long hour, Map<Spot, Fix> fixes) {
        int[] known = new int[1];
        // Their place is below every place in a stream, where nobody resumes from, and their own.
        long[] lastImported = {hour * HOUR_MILLIS - 1};
        long streams = (hour + 2) * HOUR_MILLIS;
        forEachRow(handle, member, hour, reports -> {
            while (reports.next()) {
                known[0]++;
                if (reports.offset() < streams) {
                    lastImported[0] = Math.max(lastImported[0], reports.offset());
                }
                if (reports.kept().report() instanceof Fix fix) {
                    fixes.remove(Spot.of(fix));
                }
            }
        });
        if (fixes.isEmpty()) {
            return 0;
        }
        if (known[0] + fixes.size() > KnownIds.MAX_OF_AN_HOUR) {
            throw new Problem(
                    409,
                    "There are more than " + KnownIds.MAX_OF_AN_HOUR + " positions of one hour, at "
                            + Instant.ofEpochMilli(hour * HOUR_MILLIS) + "; leave some out");
        }
        Pack pack = new Pack();
        for (Fix fix : fixes.values()) {
            pack.add(new Kept(family, member, device, ++lastImported[0], null, fix));
        }
        add(handle, member, hour, pack);
        return fixes.size();
    }

    /** What a position is known again by: its time to the millisecond, and its place to a centimetre, as files have it. */
    private record Spot(long epochMilli, long latitudeE7, long longitudeE7) {
        static Spot of(Fix fix) {
            return new Spot(
                    fix.measuredAt().toEpochMilli(),
                    Math.round(fix.latitude() * 1e7),
                    Math.round(fix.longitude() * 1e7));
        }
    }

    /**
     * Deletes what a member measured from one moment until before another.
     *
     * @return whether there was any
     */
    public boolean delete(MemberId member, Instant from, Instant until) {
        bringUpToDate();
        boolean deleted = false;
        writing.lock();
        try {
            for (long hour : hours(member, from, until)) {
                long last = Long.MIN_VALUE;
                while (last < Long.MAX_VALUE) {
                    Deleted some = delete(member, hour, last, from, until);
                    deleted |= some.any();
                    last = some.last();
                }
            }
        } finally {
            writing.unlock();
        }
        return deleted;
    }

    /** @param last the last row that was looked at, or {@link Long#MAX_VALUE} when that were all */
    private record Deleted(boolean any, long last) {}

    private Deleted delete(MemberId member, long hour, long after, Instant from, Instant until) {
        return store.jdbi().inTransaction(handle -> {
            lock(handle, List.of(member));
            List<Packed> rows = rowsAfter(handle, member, hour, after);
            boolean any = false;
            for (Packed row : rows) {
                List<Kept> all = Pack.open(row.pack());
                List<Kept> stay = all.stream()
                        .filter(kept -> !isWithin(kept, from, until))
                        .toList();
                if (stay.size() < all.size()) {
                    any = true;
                    handle.createUpdate("delete from track where member_id = :member and epoch_hour = :hour"
                                    + " and first_offset = :first")
                            .bind("member", member.value())
                            .bind("hour", hour)
                            .bind("first", row.firstOffset())
                            .execute();
                    if (!stay.isEmpty()) {
                        write(handle, Optional.empty(), member, hour, Pack.of(stay));
                    }
                }
            }
            return new Deleted(
                    any,
                    rows.size() < ROWS_AT_ONCE
                            ? Long.MAX_VALUE
                            : rows.get(rows.size() - 1).firstOffset());
        });
    }

    /**
     * Deletes what is older than its family keeps.
     *
     * @return whether there was any
     */
    boolean prune() {
        List<MemberId> members = store.jdbi().withHandle(handle -> handle.createQuery("select id from member")
                .mapTo(Long.class)
                .map(MemberId::new)
                .list());
        return prune(members);
    }

    /** As above, for one family. */
    boolean prune(FamilyId family) {
        List<MemberId> members = store.jdbi()
                .withHandle(handle -> handle.createQuery("select id from member where family_id = :family")
                        .bind("family", family.value())
                        .mapTo(Long.class)
                        .map(MemberId::new)
                        .list());
        return prune(members);
    }

    private boolean prune(List<MemberId> members) {
        bringUpToDate();
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

    /**
     * What a member measured lately.
     *
     * @param newest the time of the newest, or {@link Instant#MIN} when there is none
     * @param ofItsHour how many there are of that hour
     * @param ids those of the last of them, the newest last
     */
    record Lately(Instant newest, int ofItsHour, List<String> ids) {}

    Lately lately(MemberId member) {
        bringUpToDate();
        return snapshot(handle -> lately(handle, member));
    }

    /** The last position of a member that can be read. */
    Optional<Fix> lastFix(MemberId member) {
        bringUpToDate();
        return snapshot(handle -> newest(handle, member, kept -> kept.report() instanceof Fix))
                .map(kept -> (Fix) kept.report());
    }

    /**
     * Tells what every member measured lately, one after the other: together it may be more than the memory holds.
     *
     * @param most nothing is told when there are more members than that
     */
    void latelyOfAll(int most, BiConsumer<MemberId, Lately> listener) {
        bringUpToDate();
        List<MemberId> members = store.jdbi().withHandle(handle -> handle.createQuery(
                        "select id from member fetch first " + (most + 1) + " rows only")
                .mapTo(Long.class)
                .map(MemberId::new)
                .list());
        if (members.size() <= most) {
            members.forEach(member -> listener.accept(member, snapshot(handle -> lately(handle, member))));
        }
    }

    private static Lately lately(Handle handle, MemberId member) {
        Lowest last = new Lowest(BY_TIME.reversed(), KnownIds.LAST_IDS);
        int[] count = new int[1];
        newestHour(handle, member)
                .ifPresent(hour -> forEachRow(handle, member, hour, reports -> {
                    while (reports.next()) {
                        count[0]++;
                        if (!last.isCut() || isAfter(reports, last.last())) {
                            last.add(reports.kept());
                        }
                    }
                }));
        List<Kept> newestFirst = last.inOrder();
        return new Lately(
                newestFirst.isEmpty()
                        ? Instant.MIN
                        : newestFirst.get(0).report().measuredAt(),
                count[0],
                newestFirst.stream()
                        .map(Kept::id)
                        .filter(Objects::nonNull)
                        .collect(Collectors.collectingAndThen(Collectors.toList(), ids -> {
                            Collections.reverse(ids);
                            return ids;
                        })));
    }

    /**
     * Tells the ids of what a member measured within the hour of a moment.
     *
     * @return how many reports there are, with ids and without
     */
    int idsOfHour(MemberId member, Instant moment, Consumer<String> listener) {
        bringUpToDate();
        int[] count = new int[1];
        store.jdbi()
                .useTransaction(
                        TransactionIsolationLevel.REPEATABLE_READ,
                        handle -> forEachRow(handle, member, hour(moment), reports -> {
                            while (reports.next()) {
                                count[0]++;
                                reports.id().ifPresent(listener);
                            }
                        }));
        return count[0];
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
                            Family.term(Optional.ofNullable(hours).map(Duration::ofHours), history));
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
        Kept newest = Stream.concat(newest(handle, member).stream(), more.stream())
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

    private static Optional<Long> newestHour(Handle handle, MemberId member) {
        return handle.createQuery("select max(epoch_hour) from track where member_id = :member")
                .bind("member", member.value())
                .mapTo(Long.class)
                .findOne();
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

    private static Optional<Pack.Reader> pack(Handle handle, Row row) {
        return handle.createQuery(
                        "select pack from track where member_id = :member and epoch_hour = :hour and first_offset = :first")
                .bind("member", row.member().value())
                .bind("hour", row.hour())
                .bind("first", row.firstOffset())
                .map((r, context) -> Pack.read(r.getBytes("pack")))
                .findOne();
    }

    private record Packed(long firstOffset, byte[] pack) {}

    /** Some rows of an hour after one, by place in the stream. */
    private static List<Packed> rowsAfter(Handle handle, MemberId member, long hour, long firstOffset) {
        // By all of the primary key, or H2 would read and sort the whole hour each time.
        return handle.createQuery("select first_offset, pack from track where member_id = :member"
                        + " and epoch_hour = :hour and first_offset > :after"
                        + " order by member_id, epoch_hour, first_offset fetch first " + ROWS_AT_ONCE + " rows only")
                .bind("member", member.value())
                .bind("hour", hour)
                .bind("after", firstOffset)
                .map((row, context) -> new Packed(row.getLong("first_offset"), row.getBytes("pack")))
                .list();
    }

    /** Tells all rows of an hour, a few of which are in memory at a time: both databases' drivers hold a whole result. */
    private static void forEachRow(Handle handle, MemberId member, long hour, Consumer<Pack.Reader> listener) {
        long last = Long.MIN_VALUE;
        List<Packed> rows;
        do {
            rows = rowsAfter(handle, member, hour, last);
            for (Packed row : rows) {
                listener.accept(Pack.read(row.pack()));
                last = row.firstOffset();
            }
        } while (rows.size() == ROWS_AT_ONCE);
    }

    /** Looks at the store as it is at one moment. */
    private <T> T snapshot(Function<Handle, T> look) {
        return store.jdbi().inTransaction(TransactionIsolationLevel.REPEATABLE_READ, look::apply);
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
