package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.store.Store;

/** The stored reports. Thread-safe. */
@Singleton
public class Locations {
    // "on conflict": a report sent again with its id is already kept, and that is as good as keeping it.
    private static final String INSERT =
            "insert into location (family_id, stream_offset, member_id, device_id, client_id,"
                    + " measured_at, latitude, longitude, accuracy, altitude, speed, bearing, battery, charging, activity,"
                    + " payload_v, payload_n, payload_c) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) on conflict do nothing";

    private final Store store;

    @Inject
    Locations(Store store) {
        this.store = store;
    }

    /** A stored report with whose it is and its place in the family's stream. */
    public record Kept(MemberId member, String memberName, DeviceId device, long offset, Report report) {}

    /** The last known report of every member of a family. */
    public List<Kept> latest(FamilyId family) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select l.*, m.name as member_name from member m join location l on l.member_id = m.id"
                                + " where m.family_id = :family and l.stream_offset = ("
                                + "select x.stream_offset from location x where x.member_id = m.id"
                                + " order by x.measured_at desc, x.stream_offset desc fetch first 1 row only)"
                                + " order by l.stream_offset")
                .bind("family", family.value())
                .map((row, context) -> new Kept(
                        new MemberId(row.getLong("member_id")),
                        row.getString("member_name"),
                        new DeviceId(row.getLong("device_id")),
                        row.getLong("stream_offset"),
                        report(row)))
                .list());
    }

    List<String> latestIds(MemberId member, int most) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select client_id from location where member_id = :member and client_id is not null"
                                + " order by measured_at desc fetch first " + most + " rows only")
                .bind("member", member.value())
                .mapTo(String.class)
                .list());
    }

    /** Stores all of them, or none. */
    void add(List<LocationShared> facts) throws SQLException {
        store.jdbi().useTransaction(handle -> {
            Connection connection = handle.getConnection();
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                for (LocationShared fact : facts) {
                    bind(insert, fact);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        });
    }

    private static void bind(PreparedStatement insert, LocationShared fact) throws SQLException {
        insert.setLong(1, fact.family().value());
        insert.setLong(2, fact.offset());
        insert.setLong(3, fact.sender().member().value());
        insert.setLong(4, fact.sender().device().value());
        insert.setString(5, fact.id().orElse(null));
        insert.setObject(6, fact.report().measuredAt().atOffset(ZoneOffset.UTC));
        if (fact.report() instanceof Fix fix) {
            insert.setDouble(7, fix.latitude());
            insert.setDouble(8, fix.longitude());
            insert.setObject(9, fix.accuracy(), Types.DOUBLE);
            insert.setObject(10, fix.altitude(), Types.DOUBLE);
            insert.setObject(11, fix.speed(), Types.DOUBLE);
            insert.setObject(12, fix.bearing(), Types.DOUBLE);
            insert.setObject(13, fix.battery(), Types.DOUBLE);
            insert.setObject(14, fix.charging(), Types.BOOLEAN);
            insert.setString(15, fix.activity());
            insert.setNull(16, Types.INTEGER);
            insert.setNull(17, Types.VARCHAR);
            insert.setNull(18, Types.VARCHAR);
        } else if (fact.report() instanceof Encrypted encrypted) {
            for (int column = 7; column <= 13; column++) {
                insert.setNull(column, Types.DOUBLE);
            }
            insert.setNull(14, Types.BOOLEAN);
            insert.setNull(15, Types.VARCHAR);
            insert.setInt(16, encrypted.v());
            insert.setString(17, encrypted.n());
            insert.setString(18, encrypted.c());
        }
    }

    private static Report report(ResultSet row) throws SQLException {
        Instant measuredAt = row.getObject("measured_at", OffsetDateTime.class).toInstant();
        String ciphertext = row.getString("payload_c");
        if (ciphertext != null) {
            return new Encrypted(row.getInt("payload_v"), row.getString("payload_n"), ciphertext, measuredAt);
        }
        return new Fix(
                row.getDouble("latitude"),
                row.getDouble("longitude"),
                measuredAt,
                row.getObject("accuracy", Double.class),
                row.getObject("altitude", Double.class),
                row.getObject("speed", Double.class),
                row.getObject("bearing", Double.class),
                row.getObject("battery", Double.class),
                row.getObject("charging", Boolean.class),
                row.getString("activity"));
    }
}
