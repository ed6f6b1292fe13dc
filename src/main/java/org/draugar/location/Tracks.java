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
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.draugar.family.Family;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.stream.Offsets;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * Reads where every member has been: what they sent lately from the rows of {@link PositionTable}, what came before from
 * the packs of {@link TrackTable}, both as of one moment. However much there is, no more of it is in memory than a page.
 * Thread-safe.
 */
@Singleton
public class Tracks {
    /** As many rows are looked at for a page of a family's stream. */
    private static final int MAX_ROWS_OF_A_PAGE = 2000;
    /** As many positions are read at once. */
    private static final int POSITIONS_AT_ONCE = 2000;

    private final Store store;
    private final PositionStore positions;
    private final Duration history;

    @Inject
    Tracks(Store store, PositionStore positions, Settings settings) {
        this.store = store;
        this.positions = positions;
        this.history = settings.history();
    }

    /** A report with the name that its sender has now. */
    public record Named(StoredReport kept, String memberName) {}

    /** A part of a family's stream. @param more whether more follows it */
    public record NamedPage(List<Named> reports, boolean more) {}

    /** A part of a member's track. @param more whether more follows it */
    public record Page(List<StoredReport> reports, boolean more) {
        /** The last one, of a page that has any. */
        public StoredReport last() {
            return reports.get(reports.size() - 1);
        }
    }

    /** The last known report of every member of a family. */
    public List<Named> latest(FamilyId family) {
        return snapshot(handle -> {
            List<Named> latest = new ArrayList<>();
            names(handle, family).forEach((member, name) -> newest(handle, member, false)
                    .ifPresent(kept -> latest.add(new Named(kept, name))));
            return latest;
        });
    }

    /** @param readable whether it must be one that the server can read: then of the last hour that there is anything of */
    static Optional<StoredReport> newest(Handle handle, MemberId member, boolean readable) {
        ReportPage newest = new ReportPage(ReportPage.Order.NEWEST_FIRST, 1);
        PositionTable.newest(handle, member, readable).ifPresent(newest::add);
        TrackTable.newestHour(handle, member)
                .filter(hour -> newest.isEmpty()
                        || hour >= TrackTable.hour(newest.last().measuredAt()))
                .ifPresent(hour -> TrackTable.forEach(handle, member, hour, report -> {
                    if (newest.isEmpty()
                            || ReportPage.Order.NEWEST_FIRST.compare(
                                            report.measuredAt(),
                                            report.offset(),
                                            newest.last().measuredAt(),
                                            newest.last().offset())
                                    < 0) {
                        StoredReport kept = report.kept();
                        if (!readable || kept.report() instanceof Fix) {
                            newest.add(kept);
                        }
                    }
                }));
        return newest.isEmpty() ? Optional.empty() : Optional.of(newest.last());
    }

    /**
     * What a family's stream carried after an offset, in its order.
     *
     * @param max as many come at most; fewer where they are large
     * @return empty where the rows of the family overlap so much that to find the next ones would take a second or more:
     *     where a member's devices send old positions in no order, for a day
     */
    public Optional<NamedPage> after(FamilyId family, long offset, int max) {
        return snapshot(handle -> after(handle, family, offset, max));
    }

    private static Optional<NamedPage> after(Handle handle, FamilyId family, long offset, int max) {
        ReportPage found = new ReportPage(ReportPage.Order.BY_OFFSET, max);
        found.addAll(PositionTable.after(handle, family, offset, max + 1), max + 1);
        List<TrackTable.Row> rows = TrackTable.rowsAfter(handle, family, offset, MAX_ROWS_OF_A_PAGE + 1);
        for (int i = 0; i < rows.size(); i++) {
            // The rows overlap; what is below the first offset of this one is complete without it.
            if (!found.wants(0, rows.get(i).firstOffset())) {
                break;
            }
            if (i == MAX_ROWS_OF_A_PAGE) {
                return Optional.empty();
            }
            TrackTable.read(handle, rows.get(i))
                    .ifPresent(reports -> reports.forEach(report -> {
                        if (report.offset() > offset && found.wants(0, report.offset())) {
                            found.add(report.kept());
                        }
                    }));
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
    public Stream<StoredReport> between(MemberId member, Instant from, Instant until, boolean newestFirst) {
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
     * @param max as many come at most; fewer where they are large
     */
    public Page page(
            MemberId member, Instant from, Instant until, boolean newestFirst, Optional<PageCursor> after, int max) {
        Iterator<StoredReport> track = track(member, from, until, newestFirst, after);
        List<StoredReport> reports = new ArrayList<>();
        long size = 0;
        while (track.hasNext() && reports.size() < max && (size < ReportPage.MAX_SIZE || reports.isEmpty())) {
            reports.add(track.next());
            size += reports.get(reports.size() - 1).size();
        }
        return new Page(reports, track.hasNext());
    }

    private Iterator<StoredReport> track(
            MemberId member, Instant from, Instant until, boolean newestFirst, Optional<PageCursor> after) {
        Instant first = after.filter(cursor -> !newestFirst).map(PageCursor::at).orElse(from);
        Instant end = after.filter(cursor -> newestFirst)
                .map(cursor -> cursor.at().plusMillis(1))
                .orElse(until);
        Track track =
                new Track(member, TrackTable.millis(from), TrackTable.millis(until), newestFirst, after.orElse(null));
        return snapshot(handle -> {
            if (term(handle, member).filter(Duration::isZero).isPresent()) {
                // What is not thinned out yet is not shown any more.
                return newest(handle, member, false)
                        .filter(kept -> track.isWanted(kept.measuredAt(), kept.offset()))
                        .stream()
                        .iterator();
            }
            long firstHour = TrackTable.hour(first);
            long lastHour = TrackTable.hour(end);
            track.hours = Stream.concat(
                            TrackTable.hours(handle, member, firstHour, lastHour).stream(),
                            PositionTable.hours(handle, member, firstHour, lastHour).stream())
                    .distinct()
                    .sorted(newestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder())
                    .iterator();
            return track;
        });
    }

    /** How long the positions of a member are kept; zero for only the last one. Empty where they are no member any more. */
    Optional<Duration> term(Handle handle, MemberId member) {
        return handle.createQuery(
                        "select f.history_hours from member m join family f on f.id = m.family_id where m.id = :member")
                .bind("member", member.value())
                .map((row, context) -> Family.term(
                        Optional.ofNullable(row.getObject("history_hours", Long.class))
                                .map(Duration::ofHours),
                        history))
                .findOne();
    }

    /** Goes through what a member measured, hour by hour. */
    private final class Track implements Iterator<StoredReport> {
        private final MemberId member;
        private final long from;
        private final long until;
        private final ReportPage.Order order;
        private Iterator<Long> hours = Collections.emptyIterator();
        /** Behind this the next page begins, or null for the beginning. */
        private PageCursor cursor;

        private long hour;
        /** Whether the hour has more than the page in hand. */
        private boolean more;

        private Iterator<StoredReport> page = Collections.emptyIterator();

        Track(MemberId member, long from, long until, boolean newestFirst, PageCursor cursor) {
            this.member = member;
            this.from = from;
            this.until = until;
            this.order = newestFirst ? ReportPage.Order.NEWEST_FIRST : ReportPage.Order.BY_TIME;
            this.cursor = cursor;
        }

        @Override
        public boolean hasNext() {
            while (!page.hasNext() && (more || hours.hasNext())) {
                if (!more) {
                    hour = hours.next();
                }
                ReportPage next = store.jdbi().inTransaction(TransactionIsolationLevel.REPEATABLE_READ, this::read);
                more = next.isCut();
                if (more) {
                    cursor = PageCursor.of(next.last());
                }
                page = next.inOrder().iterator();
            }
            return page.hasNext();
        }

        @Override
        public StoredReport next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return page.next();
        }

        /** Looks at all packs of the hour: they are by place in the stream, and a phone sends in any order. */
        private ReportPage read(Handle handle) {
            ReportPage found = new ReportPage(order, Integer.MAX_VALUE);
            long first = Math.max(from, hour * TrackTable.HOUR_MILLIS);
            long end = Math.min(until, (hour + 1) * TrackTable.HOUR_MILLIS);
            found.addAll(
                    PositionTable.between(handle, member, first, end, order, cursor, POSITIONS_AT_ONCE),
                    POSITIONS_AT_ONCE);
            TrackTable.forEach(handle, member, hour, report -> {
                if (isWanted(report.measuredAt(), report.offset())
                        && found.wants(report.measuredAt(), report.offset())) {
                    found.add(report.kept());
                }
            });
            return found;
        }

        private boolean isWanted(long at, long offset) {
            return at >= from
                    && at < until
                    && (cursor == null || order.compare(cursor.at().toEpochMilli(), cursor.offset(), at, offset) < 0);
        }
    }

    /**
     * Waits until everything that was taken in before is stored, and those who observe that have heard of it.
     *
     * @throws Problem 503 when the store does not answer in time
     */
    public void awaitStored() {
        positions.awaitStored();
    }

    /**
     * Who has sent something lately that the server can read, and when the first of it was measured. What came some
     * minutes ago may be moved elsewhere, and not among it.
     *
     * @param offset only what has a place in its stream behind it
     */
    public List<PositionsAdded> lately(long offset) {
        return snapshot(handle -> PositionTable.firstAfter(handle, offset));
    }

    /** When something of a member came in last, whether or not the server can read it; empty where nothing is kept. */
    public Optional<Instant> lastHeard(MemberId member) {
        return snapshot(handle -> Stream.of(
                        "select max(last_offset) from track where member_id = :member",
                        "select max(seq) from position where member_id = :member")
                .map(query -> handle.createQuery(query)
                        .bind("member", member.value())
                        .mapTo(Long.class)
                        .one())
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .map(Offsets::moment));
    }

    /** The longest time between two positions of a member in the days before a moment. */
    public Duration longestSilence(MemberId member, Instant moment, Duration days) {
        Duration longest = Duration.ZERO;
        Instant before = null;
        try (Stream<StoredReport> reports = between(member, moment.minus(days), moment, false)) {
            for (StoredReport kept : (Iterable<StoredReport>) reports::iterator) {
                Instant at = kept.report().measuredAt();
                if (before != null && Duration.between(before, at).compareTo(longest) > 0) {
                    longest = Duration.between(before, at);
                }
                before = at;
            }
        }
        return longest;
    }

    /** The highest offset in any stream. */
    public long lastOffset() {
        return snapshot(handle -> Stream.of("select max(last_offset) from track", "select max(seq) from position")
                .map(query -> handle.createQuery(query).mapTo(Long.class).one())
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .max()
                .orElse(0));
    }

    /** The last position of a member that can be read. */
    Optional<Fix> lastFix(MemberId member) {
        return snapshot(handle -> newest(handle, member, true)).map(kept -> (Fix) kept.report());
    }

    /**
     * What a member measured lately.
     *
     * @param newest the time of the newest, or {@link Instant#MIN} when there is none
     * @param ofItsHour how many there are of that hour
     * @param keys those of the last of them, the newest last
     */
    record Lately(Instant newest, int ofItsHour, List<Long> keys) {}

    Lately lately(MemberId member) {
        return snapshot(handle -> lately(handle, member));
    }

    /**
     * Tells what every member measured lately, one after the other: together it may be more than the memory holds.
     *
     * @param max nothing is told when there are more members than that
     */
    void latelyOfAll(int max, BiConsumer<MemberId, Lately> listener) {
        List<MemberId> members = store.jdbi().withHandle(handle -> handle.createQuery(
                        "select id from member fetch first " + (max + 1) + " rows only")
                .mapTo(Long.class)
                .map(MemberId::new)
                .list());
        if (members.size() <= max) {
            members.forEach(member -> listener.accept(member, lately(member)));
        }
    }

    private static Lately lately(Handle handle, MemberId member) {
        Optional<StoredReport> newest = newest(handle, member, false);
        if (newest.isEmpty()) {
            return new Lately(Instant.MIN, 0, List.of());
        }
        long hour = TrackTable.hour(newest.get().measuredAt());
        ReportPage last = new ReportPage(ReportPage.Order.NEWEST_FIRST, KnownIds.LAST_IDS);
        last.addAll(
                PositionTable.between(
                        handle,
                        member,
                        hour * TrackTable.HOUR_MILLIS,
                        (hour + 1) * TrackTable.HOUR_MILLIS,
                        ReportPage.Order.NEWEST_FIRST,
                        null,
                        KnownIds.LAST_IDS),
                KnownIds.LAST_IDS);
        TrackTable.forEach(handle, member, hour, report -> {
            if (last.wants(report.measuredAt(), report.offset())) {
                last.add(report.kept());
            }
        });
        List<Long> keys =
                new ArrayList<>(last.inOrder().stream().map(StoredReport::key).toList());
        Collections.reverse(keys);
        return new Lately(
                newest.get().report().measuredAt(),
                PositionTable.keys(handle, member, hour).size() + TrackTable.count(handle, member, hour),
                keys);
    }

    /**
     * Tells the keys of what a member measured within the hour of a moment.
     *
     * @param max an hour with more packed reports is counted and not read, as an earlier version let it grow without bound
     * @return how many reports there are, with ids and without
     */
    int keysOfHour(MemberId member, Instant moment, int max, LongConsumer listener) {
        long hour = TrackTable.hour(moment);
        return snapshot(handle -> {
            int packed = TrackTable.count(handle, member, hour);
            if (packed > max) {
                return packed;
            }
            List<Long> keys = PositionTable.keys(handle, member, hour);
            keys.forEach(listener::accept);
            TrackTable.forEach(handle, member, hour, report -> report.id()
                    .map(StoredReport::hash)
                    .ifPresent(listener::accept));
            return packed + keys.size();
        });
    }

    /**
     * Looks at the store as it is at one moment, with everything in it that this server had taken in before.
     *
     * @throws Problem 503 when the store does not answer in time
     */
    private <T> T snapshot(Function<Handle, T> look) {
        positions.awaitStored();
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
}
