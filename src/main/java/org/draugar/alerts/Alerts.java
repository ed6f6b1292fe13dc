package org.draugar.alerts;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.draugar.family.Caller;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.notifications.Notification;
import org.draugar.notifications.Notifications;
import org.draugar.places.Place;
import org.draugar.places.PlaceId;
import org.draugar.places.Visit;
import org.draugar.places.VisitWatcher;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/** The stored wishes, and who is told when one comes true. Thread-safe. */
@Singleton
public class Alerts implements VisitWatcher {
    private static final int MAX_OF_A_MEMBER = 100;
    /** What was measured longer ago is news to nobody. */
    static final Duration NEWS = Duration.ofMinutes(15);

    private final Store store;
    private final Pauses pauses;
    private final Notifications notifications;

    @Inject
    Alerts(Store store, Pauses pauses, Notifications notifications) {
        this.store = store;
        this.pauses = pauses;
        this.notifications = notifications;
    }

    /** Those of which a member is told. */
    List<Alert> of(MemberId member) {
        return store.jdbi()
                .withHandle(handle -> handle.createQuery("select * from alert where member_id = :member order by id")
                        .bind("member", member.value())
                        .map((row, context) -> alert(row))
                        .list());
    }

    /** Those by which others in the family are told about a member. */
    List<Alert> about(FamilyId family, MemberId member) {
        return store.jdbi().withHandle(handle -> inFamily(handle, family)).stream()
                .filter(alert -> !alert.to().equals(member))
                .filter(alert -> alert.about() == null || alert.about().equals(member))
                .toList();
    }

    private static List<Alert> inFamily(Handle handle, FamilyId family) {
        return handle.createQuery("select a.* from member m join alert a on a.member_id = m.id"
                        + " where m.family_id = :family order by a.id")
                .bind("family", family.value())
                .map((row, context) -> alert(row))
                .list();
    }

    /** Adds one of the caller's own. @throws Problem 409 when they have too many */
    void add(Caller caller, Alert alert) {
        store.jdbi().useTransaction(handle -> {
            handle.createQuery("select id from member where id = :member for update")
                    .bind("member", caller.member().value())
                    .mapTo(Long.class)
                    .findOne();
            int known = handle.createQuery("select count(*) from alert where member_id = :member")
                    .bind("member", caller.member().value())
                    .mapTo(Integer.class)
                    .one();
            if (known >= MAX_OF_A_MEMBER) {
                throw new Problem(409, "You have " + MAX_OF_A_MEMBER + " alerts already: remove one first");
            }
            insert(handle, alert);
        });
    }

    /** Changes one of the caller's own. @throws Problem 404 */
    Alert change(Caller caller, Optional<Long> id, UnaryOperator<Alert> change) {
        return store.jdbi().inTransaction(handle -> {
            Alert after = change.apply(own(handle, caller, id));
            delete(handle, after.id());
            insert(handle, after);
            return after;
        });
    }

    /** Removes one of the caller's own. @throws Problem 404 */
    void remove(Caller caller, Optional<Long> id) {
        store.jdbi()
                .useTransaction(handle -> delete(handle, own(handle, caller, id).id()));
    }

    private static Alert own(Handle handle, Caller caller, Optional<Long> id) {
        return id.flatMap(wanted -> handle.createQuery(
                                "select * from alert where member_id = :member and id = :id for update")
                        .bind("member", caller.member().value())
                        .bind("id", wanted)
                        .map((row, context) -> alert(row))
                        .findOne())
                .orElseThrow(() -> new Problem(404, "You have no such alert"));
    }

    private static void insert(Handle handle, Alert alert) {
        handle.createUpdate("insert into alert"
                        + " (id, member_id, about_id, kind, place_id, days, from_time, to_time, time_zone, once) values"
                        + " (:id, :to, :about, :kind, :place, :days, :from, :until, :zone, :once)")
                .bind("id", alert.id())
                .bind("to", alert.to().value())
                .bind(
                        "about",
                        alert.about() == null ? null : (Long) alert.about().value())
                .bind("kind", alert.kind().name())
                .bind(
                        "place",
                        alert.place() == null ? null : (Long) alert.place().value())
                .bind(
                        "days",
                        alert.days().isEmpty()
                                ? null
                                : alert.days().stream().map(String::valueOf).collect(Collectors.joining()))
                .bind("from", alert.from() == null ? null : alert.from().toString())
                .bind("until", alert.until() == null ? null : alert.until().toString())
                .bind("zone", alert.zone() == null ? null : alert.zone().getId())
                .bind("once", alert.once())
                .execute();
    }

    private static void delete(Handle handle, long id) {
        handle.createUpdate("delete from alert where id = :id").bind("id", id).execute();
    }

    private static Alert alert(ResultSet row) throws SQLException {
        long about = row.getLong("about_id");
        MemberId aboutWhom = row.wasNull() ? null : new MemberId(about);
        long place = row.getLong("place_id");
        PlaceId where = row.wasNull() ? null : new PlaceId(place);
        String days = row.getString("days");
        String from = row.getString("from_time");
        String until = row.getString("to_time");
        String zone = row.getString("time_zone");
        return new Alert(
                row.getLong("id"),
                new MemberId(row.getLong("member_id")),
                aboutWhom,
                Alert.Kind.valueOf(row.getString("kind")),
                where,
                days == null
                        ? List.of()
                        : days.chars().map(Character::getNumericValue).boxed().toList(),
                from == null ? null : LocalTime.parse(from),
                until == null ? null : LocalTime.parse(until),
                zone == null ? null : ZoneId.of(zone),
                row.getBoolean("once"));
    }

    // Telling

    @Override
    public void arrived(Handle handle, Visit visit) {
        tell(
                handle,
                visit.family(),
                visit.member(),
                Alert.Kind.ARRIVE,
                visit.place(),
                visit.arrivedAt(),
                String.valueOf(visit.id()));
    }

    @Override
    public void left(Handle handle, Visit visit) {
        tell(
                handle,
                visit.family(),
                visit.member(),
                Alert.Kind.LEAVE,
                visit.place(),
                visit.leftAt().orElseThrow(),
                String.valueOf(visit.id()));
    }

    /**
     * Tells everybody who wants to know, unless it is long ago, or the member is paused.
     *
     * @param place null where it is about none
     * @param which tells it from others of the same kind about the same member
     */
    void tell(Handle handle, FamilyId family, MemberId about, Alert.Kind kind, Place place, Instant at, String which) {
        if (at.isBefore(Instant.now().minus(NEWS)) || pauses.current(about).isPresent()) {
            return;
        }
        Map<MemberId, List<Alert>> wanted = inFamily(handle, family).stream()
                .filter(alert -> alert.kind() == kind && alert.isWanted(about, place == null ? null : place.id(), at))
                .collect(Collectors.groupingBy(Alert::to));
        if (wanted.isEmpty()) {
            return;
        }
        String name = name(handle, about);
        String word = kind.name().toLowerCase(Locale.ROOT);
        wanted.forEach((to, alerts) -> {
            boolean isNew = notifications.tell(
                    handle,
                    Notification.of(
                            family,
                            to,
                            Notification.Kind.valueOf(kind.name()),
                            word + " " + which,
                            title(kind, name, place),
                            "",
                            about,
                            place == null ? null : (Long) place.id().value()));
            if (isNew) {
                alerts.stream().filter(Alert::once).forEach(alert -> delete(handle, alert.id()));
            }
        });
    }

    private static String title(Alert.Kind kind, String name, Place place) {
        return switch (kind) {
            case ARRIVE -> name + " has arrived: " + place.name();
            case LEAVE -> name + " has left: " + place.name();
            case BATTERY -> name + "'s battery is low";
            case SILENT -> "Nothing is heard of " + name;
        };
    }

    /** Who is watched for silence, with their families. */
    static Map<MemberId, FamilyId> watchedForSilence(Handle handle) {
        return handle
                .createQuery("select distinct m.id, m.family_id from alert a join member t on t.id = a.member_id"
                        + " join member m on m.family_id = t.family_id and (a.about_id = m.id"
                        + " or a.about_id is null and m.id <> t.id) where a.kind = 'SILENT'")
                .map((row, context) ->
                        Map.entry(new MemberId(row.getLong("id")), new FamilyId(row.getLong("family_id"))))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    static String name(Handle handle, MemberId member) {
        return handle.createQuery("select name from member where id = :member")
                .bind("member", member.value())
                .mapTo(String.class)
                .findOne()
                .orElse("Somebody");
    }
}
