package org.draugar.location;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.StatementContext;

/** What members sent lately, one row for each report: the SQL. All of it finds its rows by their member. */
final class PositionTable {
    private static final String INSERT =
            "insert into position (member_id, measured_at, id_key, family_id, device_id, seq,"
                    + " id, latitude, longitude, accuracy, altitude, speed, bearing, battery, charging, activity, alarm,"
                    + " encryption, nonce, ciphertext) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    + " on conflict do nothing";

    private PositionTable() {}

    /** Inserts reports, but those that are there. By plain JDBC: binding by name costs more than H2 takes for a row. */
    static void insert(Handle handle, List<StoredReport> reports) throws SQLException {
        try (PreparedStatement insert = handle.getConnection().prepareStatement(INSERT)) {
            for (StoredReport kept : reports) {
                insert.setLong(1, kept.member().value());
                insert.setLong(2, kept.measuredAt());
                insert.setLong(3, kept.key());
                insert.setLong(4, kept.family().value());
                insert.setLong(5, kept.device().value());
                insert.setLong(6, kept.offset());
                insert.setString(7, kept.id());
                Fix fix = kept.report() instanceof Fix readable ? readable : null;
                set(insert, 8, fix == null ? null : (Double) fix.latitude());
                set(insert, 9, fix == null ? null : (Double) fix.longitude());
                set(insert, 10, fix == null ? null : fix.accuracy());
                set(insert, 11, fix == null ? null : fix.altitude());
                set(insert, 12, fix == null ? null : fix.speed());
                set(insert, 13, fix == null ? null : fix.bearing());
                set(insert, 14, fix == null ? null : fix.battery());
                if (fix == null || fix.charging() == null) {
                    insert.setNull(15, Types.BOOLEAN);
                } else {
                    insert.setBoolean(15, fix.charging());
                }
                insert.setString(16, fix == null ? null : fix.activity());
                insert.setString(17, fix == null ? null : fix.alarm());
                if (kept.report() instanceof Encrypted encrypted) {
                    insert.setInt(18, encrypted.v());
                    insert.setString(19, encrypted.n());
                    insert.setString(20, encrypted.c());
                } else {
                    insert.setNull(18, Types.INTEGER);
                    insert.setString(19, null);
                    insert.setString(20, null);
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void set(PreparedStatement statement, int index, Double value) throws SQLException {
        if (value == null) {
            statement.setNull(index, Types.DOUBLE);
        } else {
            statement.setDouble(index, value);
        }
    }

    private static StoredReport map(ResultSet row, StatementContext context) throws SQLException {
        Instant at = Instant.ofEpochMilli(row.getLong("measured_at"));
        int encryption = row.getInt("encryption");
        Report report = row.wasNull()
                ? new Fix(
                        row.getDouble("latitude"),
                        row.getDouble("longitude"),
                        at,
                        number(row, "accuracy"),
                        number(row, "altitude"),
                        number(row, "speed"),
                        number(row, "bearing"),
                        number(row, "battery"),
                        row.getObject("charging", Boolean.class),
                        row.getString("activity"),
                        row.getString("alarm"))
                : new Encrypted(encryption, row.getString("nonce"), row.getString("ciphertext"), at);
        return new StoredReport(
                new FamilyId(row.getLong("family_id")),
                new MemberId(row.getLong("member_id")),
                new DeviceId(row.getLong("device_id")),
                row.getLong("seq"),
                row.getString("id"),
                report);
    }

    private static Double number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    /** What the members of a family sent after a place in its stream, in its order. */
    static List<StoredReport> after(Handle handle, FamilyId family, long offset, int max) {
        return handle.createQuery("select p.* from member m join position p on p.member_id = m.id"
                        + " where m.family_id = :family and p.seq > :offset order by p.seq fetch first " + max
                        + " rows only")
                .bind("family", family.value())
                .bind("offset", offset)
                .map(PositionTable::map)
                .list();
    }

    /**
     * What a member measured from one moment until before another, by time, and by place in the stream.
     *
     * @param behind where to begin, or null
     */
    static List<StoredReport> between(
            Handle handle, MemberId member, long from, long until, ReportPage.Order order, PageCursor behind, int max) {
        boolean newestFirst = order == ReportPage.Order.NEWEST_FIRST;
        String later = newestFirst ? "<" : ">";
        String direction = newestFirst ? " desc" : "";
        long none = newestFirst ? Long.MAX_VALUE : Long.MIN_VALUE;
        return handle.createQuery("select * from position where member_id = :member"
                        + " and measured_at >= :from and measured_at < :until"
                        + " and (measured_at " + later + " :at or measured_at = :at and seq " + later + " :seq)"
                        + " order by measured_at" + direction + ", seq" + direction
                        + " fetch first " + max + " rows only")
                .bind("member", member.value())
                .bind("from", from)
                .bind("until", until)
                .bind("at", behind == null ? none : behind.at().toEpochMilli())
                .bind("seq", behind == null ? none : behind.offset())
                .map(PositionTable::map)
                .list();
    }

    /** @param readable whether it must be one that the server can read */
    static Optional<StoredReport> newest(Handle handle, MemberId member, boolean readable) {
        return handle.createQuery("select * from position where member_id = :member"
                        + (readable ? " and encryption is null" : "")
                        + " order by measured_at desc, seq desc fetch first 1 row only")
                .bind("member", member.value())
                .map(PositionTable::map)
                .findOne();
    }

    /** Some of what has a place in its stream below one. */
    static List<StoredReport> before(Handle handle, MemberId member, long offset, int max) {
        return handle.createQuery("select * from position where member_id = :member and seq < :offset fetch first "
                        + max + " rows only")
                .bind("member", member.value())
                .bind("offset", offset)
                .map(PositionTable::map)
                .list();
    }

    /** The hours since 1970 in which a member measured something, from one to another. */
    static List<Long> hours(Handle handle, MemberId member, long first, long last) {
        return handle.createQuery("select distinct measured_at / " + TrackTable.HOUR_MILLIS
                        + " from position where member_id = :member and measured_at >= :from and measured_at < :until")
                .bind("member", member.value())
                .bind("from", first * TrackTable.HOUR_MILLIS)
                .bind("until", (last + 1) * TrackTable.HOUR_MILLIS)
                .mapTo(Long.class)
                .list();
    }

    /** The keys of what a member measured within an hour. */
    static List<Long> keys(Handle handle, MemberId member, long hour) {
        return handle.createQuery("select id_key from position where member_id = :member"
                        + " and measured_at >= :from and measured_at < :until")
                .bind("member", member.value())
                .bind("from", hour * TrackTable.HOUR_MILLIS)
                .bind("until", (hour + 1) * TrackTable.HOUR_MILLIS)
                .mapTo(Long.class)
                .list();
    }

    static int count(Handle handle, MemberId member) {
        return handle.createQuery("select count(*) from position where member_id = :member")
                .bind("member", member.value())
                .mapTo(Integer.class)
                .one();
    }

    /** Who has a row that the server can read, with a place in its stream behind one, and when the first was measured. */
    static List<PositionsAdded> firstAfter(Handle handle, long offset) {
        return handle.createQuery("select family_id, member_id, min(measured_at) as first_at from position"
                        + " where seq > :offset and encryption is null group by family_id, member_id")
                .bind("offset", offset)
                .map((row, context) -> new PositionsAdded(
                        new FamilyId(row.getLong("family_id")),
                        new MemberId(row.getLong("member_id")),
                        Instant.ofEpochMilli(row.getLong("first_at"))))
                .list();
    }

    /** The next member, by id, of whom there is a row. */
    static Optional<MemberId> memberAfter(Handle handle, long member) {
        return handle.createQuery("select member_id from position where member_id > :member"
                        + " order by member_id fetch first 1 row only")
                .bind("member", member)
                .mapTo(Long.class)
                .map(MemberId::new)
                .findOne();
    }

    static void delete(Handle handle, List<StoredReport> reports) {
        PreparedBatch delete =
                handle.prepareBatch("delete from position where measured_at = ? and member_id = ? and id_key = ?");
        reports.forEach(kept -> delete.add(kept.measuredAt(), kept.member().value(), kept.key()));
        delete.execute();
    }

    /** Deletes what a member measured from one moment until before another. */
    static boolean delete(Handle handle, MemberId member, long from, long until) {
        return handle.createUpdate("delete from position where member_id = :member"
                                + " and measured_at >= :from and measured_at < :until")
                        .bind("member", member.value())
                        .bind("from", from)
                        .bind("until", until)
                        .execute()
                > 0;
    }

    /** Deletes what a member measured before a report, and at the same time, but sent before it. */
    static void deleteBefore(Handle handle, StoredReport kept) {
        handle.createUpdate("delete from position where member_id = :member"
                        + " and (measured_at < :at or measured_at = :at and seq < :seq)")
                .bind("member", kept.member().value())
                .bind("at", kept.measuredAt())
                .bind("seq", kept.offset())
                .execute();
    }

    /** Deletes what came in while its member was being removed: H2 lets it pass. */
    static void deleteOfNobody(Handle handle) {
        handle.execute("delete from position where member_id not in (select id from member)");
    }
}
