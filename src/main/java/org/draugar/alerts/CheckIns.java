package org.draugar.alerts;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.draugar.family.Caller;
import org.draugar.family.FamilyId;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.location.Fix;
import org.draugar.location.LocationSharing;
import org.draugar.notifications.Notification;
import org.draugar.notifications.Notifications;
import org.draugar.places.PlaceId;
import org.draugar.places.Visit;
import org.draugar.places.VisitWatcher;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * Who wants to be back by when: they are reminded five minutes before, and the family is told when they are not, with
 * where they were last. Arriving at the place is being back. Thread-safe.
 */
@Singleton
public class CheckIns implements VisitWatcher {
    private static final int MAX_OF_A_MEMBER = 20;
    private static final Duration REMINDER = Duration.ofMinutes(5);
    /** For so long an overdue one waits to be done. */
    private static final Duration KEPT = Duration.ofDays(1);

    private final Store store;
    private final Pauses pauses;
    private final LocationSharing locations;
    private final Notifications notifications;

    @Inject
    CheckIns(Store store, Pauses pauses, LocationSharing locations, Notifications notifications) {
        this.store = store;
        this.pauses = pauses;
        this.locations = locations;
        this.notifications = notifications;
    }

    /** @param place null for none */
    record CheckIn(long id, FamilyId family, MemberId member, Instant by, PlaceId place) {}

    /** Adds one. @throws Problem 409 when there are too many */
    CheckIn add(Caller caller, Instant by, PlaceId place) {
        CheckIn made = new CheckIn(Ids.random(), caller.family(), caller.member(), by, place);
        store.jdbi().useTransaction(handle -> {
            handle.createQuery("select id from member where id = :member for update")
                    .bind("member", caller.member().value())
                    .mapTo(Long.class)
                    .findOne();
            if (of(handle, caller.member()).size() >= MAX_OF_A_MEMBER) {
                throw new Problem(409, "You have " + MAX_OF_A_MEMBER + " check-ins already: do one first");
            }
            handle.createUpdate("insert into check_in (id, member_id, due_at, place_id)"
                            + " values (:id, :member, :by, :place)")
                    .bind("id", made.id())
                    .bind("member", made.member().value())
                    .bind("by", by.toEpochMilli())
                    .bind("place", place == null ? null : (Long) place.value())
                    .execute();
        });
        return made;
    }

    /** The member's own that are not done. */
    List<CheckIn> of(MemberId member) {
        return store.jdbi().withHandle(handle -> of(handle, member));
    }

    private static List<CheckIn> of(Handle handle, MemberId member) {
        return list(handle, " where c.member_id = " + member.value());
    }

    private static List<CheckIn> list(Handle handle, String which) {
        return handle.createQuery("select c.*, m.family_id from check_in c join member m on m.id = c.member_id" + which
                        + " order by c.due_at")
                .map((row, context) -> {
                    long place = row.getLong("place_id");
                    PlaceId where = row.wasNull() ? null : new PlaceId(place);
                    return new CheckIn(
                            row.getLong("id"),
                            new FamilyId(row.getLong("family_id")),
                            new MemberId(row.getLong("member_id")),
                            Instant.ofEpochMilli(row.getLong("due_at")),
                            where);
                })
                .list();
    }

    /** They are back. @throws Problem 404 */
    void done(Caller caller, Optional<Long> id) {
        int deleted = id.map(wanted -> store.jdbi().withHandle(handle -> handle.createUpdate(
                                "delete from check_in where id = :id and member_id = :member")
                        .bind("id", wanted)
                        .bind("member", caller.member().value())
                        .execute()))
                .orElse(0);
        if (deleted == 0) {
            throw new Problem(404, "You have no such check-in");
        }
    }

    @Override
    public void arrived(Handle handle, Visit visit) {
        if (visit.arrivedAt().isAfter(Instant.now().minus(Alerts.NEWS))) {
            handle.createUpdate("delete from check_in where member_id = :member and place_id = :place")
                    .bind("member", visit.member().value())
                    .bind("place", visit.place().id().value())
                    .execute();
        }
    }

    @Override
    public void left(Handle handle, Visit visit) {
        // Nobody is back by leaving.
    }

    /** To be run every few seconds. */
    public void look() {
        if (!store.isLeader()) {
            return;
        }
        Instant now = Instant.now();
        List<CheckIn> due = store.jdbi()
                .withHandle(handle ->
                        list(handle, " where c.due_at < " + now.plus(REMINDER).toEpochMilli()));
        for (CheckIn checkIn : due) {
            if (checkIn.by().isAfter(now)) {
                store.jdbi()
                        .useTransaction(handle -> tell(
                                handle,
                                checkIn,
                                checkIn.member(),
                                "soon",
                                "Are you back?",
                                "You wanted to be by now, or soon"));
            } else {
                overdue(checkIn);
            }
        }
        store.jdbi().useHandle(handle -> handle.createUpdate("delete from check_in where due_at < :old")
                .bind("old", now.minus(KEPT).toEpochMilli())
                .execute());
    }

    private void overdue(CheckIn checkIn) {
        // Where they were before a pause is nobody's business.
        Optional<Fix> last =
                pauses.current(checkIn.member()).isPresent() ? Optional.empty() : locations.lastKnown(checkIn.member());
        String where = last.map(
                        fix -> "Last seen " + fix.measuredAt() + " at " + fix.latitude() + ", " + fix.longitude())
                .orElse("");
        store.jdbi().useTransaction(handle -> {
            String title = Alerts.name(handle, checkIn.member()) + " is not back";
            handle.createQuery("select id from member where family_id = :family and id <> :member")
                    .bind("family", checkIn.family().value())
                    .bind("member", checkIn.member().value())
                    .mapTo(Long.class)
                    .list()
                    .forEach(to -> tell(handle, checkIn, new MemberId(to), "late", title, where));
        });
    }

    private void tell(Handle handle, CheckIn checkIn, MemberId to, String when, String title, String text) {
        notifications.tell(
                handle,
                Notification.of(
                        checkIn.family(),
                        to,
                        Notification.Kind.CHECK_IN,
                        "check-in " + checkIn.id() + " " + when,
                        title,
                        text,
                        checkIn.member(),
                        checkIn.place() == null ? null : (Long) checkIn.place().value()));
    }
}
