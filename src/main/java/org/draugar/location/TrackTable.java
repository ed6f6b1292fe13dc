package org.draugar.location;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/**
 * What is kept for long: each row is a {@link Pack} of what one member measured within one hour, so that a day is read in
 * a few dozen rows, and a position takes little of the disk. The SQL.
 */
final class TrackTable {
    static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);
    /** A row with this many reports is full: adding to a row means writing all of it anew. */
    private static final int MAX_IN_A_ROW = 128;
    /** As many rows of an hour are read at once; each may have a quarter of a megabyte. */
    private static final int ROWS_AT_ONCE = 16;

    private TrackTable() {}

    /** A row. @param firstOffset the lowest place in the stream in it, which tells it from the others of its hour */
    record Row(MemberId member, long hour, long firstOffset) {}

    private record Packed(long firstOffset, byte[] pack) {}

    /** The first millisecond since 1970 that is not before a moment. */
    static long millis(Instant moment) {
        return moment.plusNanos(999_999).toEpochMilli();
    }

    static long hour(Instant moment) {
        return hour(moment.toEpochMilli());
    }

    static long hour(long epochMilli) {
        return Math.floorDiv(epochMilli, HOUR_MILLIS);
    }

    /**
     * Lets nobody else change what is kept of a member until the transaction ends, nor remove the member.
     *
     * @return whether they are a member
     */
    static boolean lock(Handle handle, MemberId member) {
        return handle.createQuery("select id from member where id = :member for update")
                .bind("member", member.value())
                .mapTo(Long.class)
                .findOne()
                .isPresent();
    }

    /** Adds reports to the last row of their hour while it is not full, and then to new ones. */
    static void add(Handle handle, MemberId member, long hour, List<StoredReport> reports) {
        Pack pack = new Pack();
        // H2 would read all rows of the hour to say which of them are not full, or come last.
        Optional<Row> open = handle.createQuery("select first_offset, pack from track"
                        + " where member_id = :member and epoch_hour = :hour and reports < " + MAX_IN_A_ROW
                        + " and first_offset = (select max(x.first_offset) from track x"
                        + " where x.member_id = :member and x.epoch_hour = :hour)")
                .bind("member", member.value())
                .bind("hour", hour)
                .map((row, context) -> {
                    Pack.read(row.getBytes("pack")).forEach(pack::add);
                    return new Row(member, hour, row.getLong("first_offset"));
                })
                .findOne();
        for (StoredReport kept : reports) {
            if (pack.size() == MAX_IN_A_ROW || pack.isFull()) {
                write(handle, open, member, hour, pack);
                open = Optional.empty();
                pack.clear();
            }
            pack.add(kept);
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

    /** The rows of a family in which something comes after a place in its stream, by the first place in them. */
    static List<Row> rowsAfter(Handle handle, FamilyId family, long offset, int max) {
        return handle.createQuery("select member_id, epoch_hour, first_offset from track"
                        + " where family_id = :family and last_offset > :offset"
                        + " order by first_offset fetch first " + max + " rows only")
                .bind("family", family.value())
                .bind("offset", offset)
                .map((row, context) -> new Row(
                        new MemberId(row.getLong("member_id")), row.getLong("epoch_hour"), row.getLong("first_offset")))
                .list();
    }

    static Optional<Pack.Reader> read(Handle handle, Row row) {
        return handle.createQuery(
                        "select pack from track where member_id = :member and epoch_hour = :hour and first_offset = :first")
                .bind("member", row.member().value())
                .bind("hour", row.hour())
                .bind("first", row.firstOffset())
                .map((r, context) -> Pack.read(r.getBytes("pack")))
                .findOne();
    }

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

    /** Tells all reports of an hour, a few rows of which are in memory at a time: both drivers hold a whole result. */
    static void forEach(Handle handle, MemberId member, long hour, Consumer<Pack.Reader> listener) {
        long last = Long.MIN_VALUE;
        List<Packed> rows;
        do {
            rows = rowsAfter(handle, member, hour, last);
            for (Packed row : rows) {
                Pack.read(row.pack()).forEach(listener);
                last = row.firstOffset();
            }
        } while (rows.size() == ROWS_AT_ONCE);
    }

    static Optional<Long> newestHour(Handle handle, MemberId member) {
        return handle.createQuery("select max(epoch_hour) from track where member_id = :member")
                .bind("member", member.value())
                .mapTo(Long.class)
                .findOne();
    }

    /** The hours since 1970 in which a member measured something, from one to another. */
    static List<Long> hours(Handle handle, MemberId member, long first, long last) {
        return handle.createQuery("select distinct epoch_hour from track"
                        + " where member_id = :member and epoch_hour between :first and :last")
                .bind("member", member.value())
                .bind("first", first)
                .bind("last", last)
                .mapTo(Long.class)
                .list();
    }

    static int count(Handle handle, MemberId member) {
        return handle.createQuery("select coalesce(sum(reports), 0) from track where member_id = :member")
                .bind("member", member.value())
                .mapTo(Integer.class)
                .one();
    }

    static int count(Handle handle, MemberId member, long hour) {
        return handle.createQuery("select coalesce(sum(reports), 0) from track"
                        + " where member_id = :member and epoch_hour = :hour")
                .bind("member", member.value())
                .bind("hour", hour)
                .mapTo(Integer.class)
                .one();
    }

    /** The highest place in the stream of an hour; 0 where there is none. */
    static long lastOffset(Handle handle, MemberId member, long hour) {
        return handle.createQuery("select coalesce(max(last_offset), 0) from track"
                        + " where member_id = :member and epoch_hour = :hour")
                .bind("member", member.value())
                .bind("hour", hour)
                .mapTo(Long.class)
                .one();
    }

    static boolean deleteBefore(Handle handle, MemberId member, long hour) {
        return handle.createUpdate("delete from track where member_id = :member and epoch_hour < :hour")
                        .bind("member", member.value())
                        .bind("hour", hour)
                        .execute()
                > 0;
    }

    /** @param last the last row that was looked at, or {@link Long#MAX_VALUE} when that were all */
    record Deleted(boolean any, long last) {}

    /** Deletes what was measured from one moment until before another, in some rows of an hour after one. */
    static Deleted delete(Handle handle, MemberId member, long hour, long after, long from, long until) {
        List<Packed> rows = rowsAfter(handle, member, hour, after);
        boolean any = false;
        for (Packed row : rows) {
            Pack stay = new Pack();
            int[] all = new int[1];
            Pack.read(row.pack()).forEach(report -> {
                all[0]++;
                if (report.measuredAt() < from || report.measuredAt() >= until) {
                    stay.add(report);
                }
            });
            if (stay.size() < all[0]) {
                any = true;
                handle.createUpdate("delete from track where member_id = :member and epoch_hour = :hour"
                                + " and first_offset = :first")
                        .bind("member", member.value())
                        .bind("hour", hour)
                        .bind("first", row.firstOffset())
                        .execute();
                if (stay.size() > 0) {
                    write(handle, Optional.empty(), member, hour, stay);
                }
            }
        }
        return new Deleted(
                any,
                rows.size() < ROWS_AT_ONCE
                        ? Long.MAX_VALUE
                        : rows.get(rows.size() - 1).firstOffset());
    }
}
