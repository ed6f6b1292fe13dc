package org.draugar.trackers;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.draugar.family.Caller;
import org.draugar.family.MemberId;
import org.draugar.family.Pauses;
import org.draugar.store.Store;

/** The stored places out of OwnTracks. Thread-safe. */
@Singleton
public class Waypoints {
    private static final int MOST_OF_A_MEMBER = 100;

    private final Store store;
    private final Pauses pauses;

    @Inject
    Waypoints(Store store, Pauses pauses) {
        this.store = store;
        this.pauses = pauses;
    }

    /**
     * Keeps places of the caller's own, unless they are paused, or were when it was made; one that is known by its time is
     * changed. Beyond a hundred, new ones are not kept.
     */
    void keep(Caller caller, List<Waypoint> waypoints) {
        if (waypoints.isEmpty() || pauses.current(caller.member()).isPresent()) {
            return;
        }
        store.jdbi().useTransaction(handle -> {
            for (Waypoint waypoint : waypoints) {
                if (isOfAPause(caller, waypoint)) {
                    continue;
                }
                handle.createUpdate("delete from waypoint where member_id = :member and made_at = :madeAt")
                        .bind("member", caller.member().value())
                        .bind("madeAt", waypoint.madeAt())
                        .execute();
                int known = handle.createQuery("select count(*) from waypoint where member_id = :member")
                        .bind("member", caller.member().value())
                        .mapTo(Integer.class)
                        .one();
                if (known < MOST_OF_A_MEMBER) {
                    handle.createUpdate("insert into waypoint (member_id, made_at, name, latitude, longitude, radius)"
                                    + " values (:member, :madeAt, :name, :latitude, :longitude, :radius)")
                            .bind("member", caller.member().value())
                            .bind("madeAt", waypoint.madeAt())
                            .bind("name", waypoint.name())
                            .bind("latitude", waypoint.latitude())
                            .bind("longitude", waypoint.longitude())
                            .bind("radius", waypoint.radius())
                            .execute();
                }
            }
        });
    }

    /** Its time is in whole seconds: it may have been made at any moment of its second. */
    private boolean isOfAPause(Caller caller, Waypoint waypoint) {
        Instant from = Instant.ofEpochSecond(waypoint.madeAt());
        return pauses.touch(caller.member(), from, from.plusSeconds(1));
    }

    /** Those that the others in the caller's family share, and want to be shown in apps. */
    List<Waypoint> ofOthers(Caller caller) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select w.made_at, w.name, w.latitude, w.longitude, w.radius from waypoint w"
                                + " join member m on m.id = w.member_id"
                                + " where m.family_id = :family and m.id <> :member and m.shown_in_apps order by w.made_at, w.member_id")
                .bind("family", caller.family().value())
                .bind("member", caller.member().value())
                .map((row, context) -> waypoint(row))
                .list());
    }

    /** Those that a member shares. */
    public List<Waypoint> of(MemberId member) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select made_at, name, latitude, longitude, radius from waypoint"
                                + " where member_id = :member order by made_at")
                .bind("member", member.value())
                .map((row, context) -> waypoint(row))
                .list());
    }

    private static Waypoint waypoint(ResultSet row) throws SQLException {
        return new Waypoint(
                row.getLong("made_at"),
                row.getString("name"),
                row.getDouble("latitude"),
                row.getDouble("longitude"),
                row.getDouble("radius"));
    }
}
