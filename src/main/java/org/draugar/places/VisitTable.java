package org.draugar.places;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.jdbi.v3.core.Handle;

/** The stored visits: the SQL. Times are milliseconds since 1970. */
final class VisitTable {
    private VisitTable() {}

    /** A row. @param leftAt null while they are there */
    record Row(long id, long place, long arrivedAt, Long leftAt) {
        boolean touches(long from, long until) {
            return arrivedAt < until && (leftAt == null || leftAt > from);
        }
    }

    /** A row with the name of its place. */
    record Named(MemberId member, Row row, String name) {}

    private static Row row(ResultSet row) throws SQLException {
        long left = row.getLong("left_at");
        boolean goesOn = row.wasNull();
        return new Row(row.getLong("id"), row.getLong("place_id"), row.getLong("arrived_at"), goesOn ? null : left);
    }

    /** A member's visits that were not over at a moment, in their order. */
    static List<Row> after(Handle handle, MemberId member, long moment) {
        return handle.createQuery("select * from visit where member_id = :member"
                        + " and (left_at is null or left_at >= :moment) order by arrived_at")
                .bind("member", member.value())
                .bind("moment", moment)
                .map((row, context) -> row(row))
                .list();
    }

    /** Those that touch a time, in their order. */
    static List<Named> between(Handle handle, MemberId member, long from, long until, int max) {
        return handle.createQuery("select v.*, p.name from visit v join place p on p.id = v.place_id"
                        + " where v.member_id = :member and v.arrived_at < :until"
                        + " and (v.left_at is null or v.left_at > :from) order by v.arrived_at fetch first " + max
                        + " rows only")
                .bind("member", member.value())
                .bind("from", from)
                .bind("until", until)
                .map((row, context) -> named(row))
                .list();
    }

    /** Where the members of a family are right now. */
    static List<Named> current(Handle handle, FamilyId family) {
        return handle.createQuery("select v.*, p.name from member m join visit v on v.member_id = m.id"
                        + " join place p on p.id = v.place_id where m.family_id = :family and v.left_at is null")
                .bind("family", family.value())
                .map((row, context) -> named(row))
                .list();
    }

    private static Named named(ResultSet row) throws SQLException {
        return new Named(new MemberId(row.getLong("member_id")), row(row), row.getString("name"));
    }

    static void insert(Handle handle, MemberId member, Row row) {
        handle.createUpdate("insert into visit (id, member_id, place_id, arrived_at, left_at)"
                        + " values (:id, :member, :place, :arrived, :left)")
                .bind("id", row.id())
                .bind("member", member.value())
                .bind("place", row.place())
                .bind("arrived", row.arrivedAt())
                .bind("left", row.leftAt())
                .execute();
    }

    static void delete(Handle handle, long id) {
        handle.createUpdate("delete from visit where id = :id").bind("id", id).execute();
    }

    /** Deletes those that touch a time. */
    static void delete(Handle handle, MemberId member, long from, long until) {
        handle.createUpdate("delete from visit where member_id = :member and arrived_at < :until"
                        + " and (left_at is null or left_at > :from)")
                .bind("member", member.value())
                .bind("from", from)
                .bind("until", until)
                .execute();
    }

    /** Deletes what was over longer ago than families keep. @param mostHours as many the server keeps */
    static void prune(Handle handle, long now, long mostHours) {
        handle.createUpdate("delete from visit where left_at < :now - 3600000 * (select"
                        + " least(coalesce(f.history_hours, :most), :most) from member m"
                        + " join family f on f.id = m.family_id where m.id = visit.member_id)")
                .bind("now", now)
                .bind("most", mostHours)
                .execute();
    }

    static long version(Handle handle, MemberId member) {
        return version(handle, member, "").orElse(0L);
    }

    private static Optional<Long> version(Handle handle, MemberId member, String mode) {
        return handle.createQuery("select version from visit_version where member_id = :member" + mode)
                .bind("member", member.value())
                .mapTo(Long.class)
                .findOne();
    }

    /**
     * Takes the right to change a member's visits until the transaction ends. Not by the member's row: their positions
     * would wait for it.
     *
     * @return false where they were changed since the version was read, or the member is gone
     */
    static boolean claim(Handle handle, MemberId member, long version) {
        handle.createUpdate("insert into visit_version (member_id, version)"
                        + " select id, 0 from member where id = :member on conflict do nothing")
                .bind("member", member.value())
                .execute();
        if (!version(handle, member, " for update").equals(Optional.of(version))) {
            return false;
        }
        change(handle, member);
        return true;
    }

    /** Makes who has read a member's visits before look again. */
    static void change(Handle handle, MemberId member) {
        handle.createUpdate("update visit_version set version = version + 1 where member_id = :member")
                .bind("member", member.value())
                .execute();
    }
}
