package org.draugar.places;

import jakarta.annotation.Priority;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.http.Problem;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;

/**
 * The stored places. Those of families that are asked for are in memory too, because every position asks. Thread-safe.
 */
@Singleton
public class Places {
    /** As many in a family. */
    public static final int MAX = 1000;

    /** Before those who ask for them anew. */
    private static final int FIRST = 1;

    private final Store store;
    private final Event<FamilyEvent> facts;
    private final Map<FamilyId, Circles> circles = new ConcurrentHashMap<>();

    @Inject
    Places(Store store, @Here Event<FamilyEvent> facts) {
        this.store = store;
        this.facts = facts;
    }

    /** A family's places, in the order in which they were made. */
    public List<Place> list(FamilyId family) {
        return store.jdbi().withHandle(handle -> list(handle, family));
    }

    private static List<Place> list(Handle handle, FamilyId family) {
        return handle.createQuery("select * from place where family_id = :family order by made_at, id")
                .bind("family", family.value())
                .map((row, context) -> place(row))
                .list();
    }

    /** One of a family's places. @throws Problem 404 */
    public Place find(FamilyId family, String id) {
        return PlaceId.parse(id)
                .flatMap(wanted -> store.jdbi().withHandle(handle -> find(handle, family, wanted)))
                .orElseThrow(Places::noSuchPlace);
    }

    private static Optional<Place> find(Handle handle, FamilyId family, PlaceId id) {
        return handle.createQuery("select * from place where family_id = :family and id = :id")
                .bind("family", family.value())
                .bind("id", id.value())
                .map((row, context) -> place(row))
                .findOne();
    }

    /** A family's places, to ask where something is. */
    Circles circles(FamilyId family) {
        // Whoever changes a place forgets them after the commit, and waits for who is reading.
        return circles.computeIfAbsent(family, wanted -> new Circles(list(wanted)));
    }

    /** The same, where they are in memory: whoever is in a hurry does not wait for the store. */
    Optional<Circles> known(FamilyId family) {
        return Optional.ofNullable(circles.get(family));
    }

    /**
     * Adds a place of the caller's own.
     *
     * @throws Problem 409 when the family has too many
     */
    public Place add(Caller caller, UnaryOperator<Place> filled) {
        Place made = store.jdbi().inTransaction(handle -> {
            lock(handle, caller.family());
            requireRoom(handle, caller.family());
            long last = handle.createQuery("select coalesce(max(made_at), 0) from place where created_by = :member")
                    .bind("member", caller.member().value())
                    .mapTo(Long.class)
                    .one();
            long now = Instant.now().getEpochSecond();
            return insert(handle, filled.apply(empty(caller, last < now ? now : last + 1)));
        });
        changed(caller, made);
        return made;
    }

    private static Place empty(Caller caller, long madeAt) {
        return new Place(PlaceId.random(), caller.family(), caller.member(), madeAt, null, 0, 0, 0, "other");
    }

    private void changed(Caller caller, Place place) {
        facts.fire(new PlaceChanged(caller.family(), caller.member(), place));
    }

    /**
     * Changes a place of the caller's own, or any for an admin.
     *
     * @throws Problem 403, 404
     */
    Place change(Caller caller, String id, UnaryOperator<Place> change) {
        Place after = store.jdbi().inTransaction(handle -> {
            lock(handle, caller.family());
            Place changed = change.apply(own(handle, caller, id));
            update(handle, changed);
            return changed;
        });
        changed(caller, after);
        return after;
    }

    /**
     * Removes a place of the caller's own, or any for an admin, and the visits at it.
     *
     * @throws Problem 403, 404
     */
    void remove(Caller caller, String id) {
        Place removed = store.jdbi().inTransaction(handle -> {
            lock(handle, caller.family());
            Place place = own(handle, caller, id);
            handle.createUpdate("delete from place where id = :id")
                    .bind("id", place.id().value())
                    .execute();
            return place;
        });
        facts.fire(new PlaceRemoved(caller.family(), caller.member(), removed));
    }

    private static Place own(Handle handle, Caller caller, String id) {
        Place place = PlaceId.parse(id)
                .flatMap(wanted -> find(handle, caller.family(), wanted))
                .orElseThrow(Places::noSuchPlace);
        if (!place.createdBy().equals(caller.member()) && !caller.isAdmin()) {
            throw new Problem(403, "Only who made this place and admins of the family may change it");
        }
        return place;
    }

    /**
     * Keeps a place that an app of the caller's has. One that they have, by its time, is changed; one that somebody else
     * has, by its time and name, came from here. Beyond {@value #MAX}, new ones are not kept.
     */
    public void keep(Caller caller, long madeAt, UnaryOperator<Place> filled) {
        Optional<Place> kept = store.jdbi().inTransaction(handle -> {
            lock(handle, caller.family());
            List<Place> all = list(handle, caller.family());
            Optional<Place> own = all.stream()
                    .filter(place ->
                            place.madeAt() == madeAt && place.createdBy().equals(caller.member()))
                    .findFirst();
            Place wanted = filled.apply(own.orElseGet(() -> empty(caller, madeAt)));
            boolean isOthers = own.isEmpty()
                    && all.stream()
                            .anyMatch(place ->
                                    place.madeAt() == madeAt && place.name().equals(wanted.name()));
            if (isOthers || own.filter(wanted::equals).isPresent() || own.isEmpty() && all.size() >= MAX) {
                return Optional.empty();
            }
            own.ifPresentOrElse(place -> update(handle, wanted), () -> insert(handle, wanted));
            return Optional.of(wanted);
        });
        kept.ifPresent(place -> changed(caller, place));
    }

    /** Two who add the last place that there is room for do so one after the other. */
    private static void lock(Handle handle, FamilyId family) {
        handle.createQuery("select id from family where id = :family for update")
                .bind("family", family.value())
                .mapTo(Long.class)
                .findOne();
    }

    private static void requireRoom(Handle handle, FamilyId family) {
        int known = handle.createQuery("select count(*) from place where family_id = :family")
                .bind("family", family.value())
                .mapTo(Integer.class)
                .one();
        if (known >= MAX) {
            throw new Problem(409, "Your family has " + MAX + " places already: remove one first");
        }
    }

    private static Place insert(Handle handle, Place place) {
        Update insert = handle.createUpdate("insert into place"
                + " (id, family_id, created_by, made_at, name, latitude, longitude, radius, icon)"
                + " values (:id, :family, :by, :madeAt, :name, :latitude, :longitude, :radius, :icon)");
        bind(insert, place)
                .bind("family", place.family().value())
                .bind("by", place.createdBy().value())
                .bind("madeAt", place.madeAt())
                .execute();
        return place;
    }

    private static void update(Handle handle, Place place) {
        bind(
                        handle.createUpdate("update place set name = :name, latitude = :latitude,"
                                + " longitude = :longitude, radius = :radius, icon = :icon where id = :id"),
                        place)
                .execute();
    }

    private static Update bind(Update update, Place place) {
        return update.bind("id", place.id().value())
                .bind("name", place.name())
                .bind("latitude", place.latitude())
                .bind("longitude", place.longitude())
                .bind("radius", place.radius())
                .bind("icon", place.icon());
    }

    private static Place place(ResultSet row) throws SQLException {
        return new Place(
                new PlaceId(row.getLong("id")),
                new FamilyId(row.getLong("family_id")),
                new MemberId(row.getLong("created_by")),
                row.getLong("made_at"),
                row.getString("name"),
                row.getDouble("latitude"),
                row.getDouble("longitude"),
                row.getDouble("radius"),
                row.getString("icon"));
    }

    /** Reads what is in memory anew when it is asked for: other nodes change it too. */
    public void reread() {
        circles.clear();
    }

    void forget(@Observes @Priority(FIRST) PlaceChanged changed) {
        circles.remove(changed.family());
    }

    void forget(@Observes @Priority(FIRST) PlaceRemoved removed) {
        circles.remove(removed.family());
    }

    void forget(@Observes @Priority(FIRST) MemberRemoved removed) {
        // Theirs have gone with them.
        circles.remove(removed.family());
    }

    private static Problem noSuchPlace() {
        return new Problem(404, "There is no such place in your family");
    }
}
