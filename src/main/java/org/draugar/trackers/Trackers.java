package org.draugar.trackers;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.identity.Devices;
import org.draugar.store.Store;
import org.draugar.trackers.Tracker.Health;
import org.jdbi.v3.core.Handle;

/**
 * The trackers, and how each does. What is heard of one is kept here, and written some seconds later: a write to the
 * store for every message of every tracker would cost as much as its position. Thread-safe.
 */
@Singleton
public class Trackers {
    private static final Logger LOG = System.getLogger(Trackers.class.getName());

    /** So that a stolen session cannot fill the store. */
    private static final int MAX_OF_A_MEMBER = 20;

    private static final Duration SILENT_AFTER = Duration.ofDays(1);
    private static final int MAX_TROUBLE = 256;

    private static final String SELECT = "select d.id, m.family_id, d.member_id, d.name, d.app, d.created_at,"
            + " t.shown_to_family, t.family_in_app, t.commands, t.silent_after_minutes, t.contact_at, t.first_position_at,"
            + " t.last_position_at, t.battery, t.charging, t.trouble, t.trouble_at"
            + " from tracker t join device d on d.id = t.device_id join member m on m.id = d.member_id";

    private final Store store;
    private final Devices devices;
    private final Pauses pauses;
    private final Event<FamilyEvent> facts;
    private final Event<FamilyEvent> findings;
    /** Those that were heard since the start. */
    private final Map<DeviceId, Tracker> heard = new ConcurrentHashMap<>();

    private final Set<DeviceId> unwritten = ConcurrentHashMap.newKeySet();
    /** Until when those that fell silent are told. */
    private Instant looked = Instant.now();

    @Inject
    Trackers(Store store, Devices devices, Pauses pauses, @Here Event<FamilyEvent> facts, Event<FamilyEvent> findings) {
        this.store = store;
        this.devices = devices;
        this.pauses = pauses;
        this.facts = facts;
        this.findings = findings;
    }

    /** A tracker that was just made, with the secret that is shown once. */
    record Made(Tracker tracker, String secret) {}

    /**
     * Adds a tracker of the caller's own.
     *
     * @throws Problem 409 when they have too many
     */
    Made add(Caller caller, App app, String name, boolean shownToFamily, boolean familyInApp, boolean commands) {
        return store.jdbi().inTransaction(handle -> {
            int known = handle.createQuery("select count(*) from device where member_id = :member and app is not null")
                    .bind("member", caller.member().value())
                    .mapTo(Integer.class)
                    .one();
            if (known >= MAX_OF_A_MEMBER) {
                throw new Problem(409, "You have " + known + " trackers already: remove one first");
            }
            Devices.Added added = devices.add(handle, caller.member(), name, app.word());
            handle.createUpdate("insert into tracker"
                            + " (device_id, shown_to_family, family_in_app, commands, silent_after_minutes)"
                            + " values (:id, :shown, :family, :commands, :minutes)")
                    .bind("id", added.id().value())
                    .bind("shown", shownToFamily)
                    .bind("family", familyInApp)
                    .bind("commands", commands)
                    .bind("minutes", SILENT_AFTER.toMinutes())
                    .execute();
            return new Made(find(handle, added.id()).orElseThrow(), added.token());
        });
    }

    /** The caller's own, and those that others of the family show. */
    List<Tracker> list(Caller caller) {
        write();
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        SELECT + " where m.family_id = :family and (m.id = :member or t.shown_to_family)"
                                + " order by d.created_at, d.id")
                .bind("family", caller.family().value())
                .bind("member", caller.member().value())
                .map((row, context) -> tracker(row))
                .list());
    }

    /**
     * A member who reports by tracker: of several, what the longest of them says.
     *
     * @param silentAfter how long it may say nothing
     * @param silentAt when it will have been silent for too long
     */
    record Tracked(MemberId member, Duration silentAfter, Instant silentAt) {}

    /** Those of a family who have a tracker that has reported. */
    List<Tracked> tracked(FamilyId family) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select d.member_id,"
                        + " max(t.silent_after_minutes) as minutes, max(t.silent_at) as silent_at from tracker t"
                        + " join device d on d.id = t.device_id join member m on m.id = d.member_id"
                        + " where m.family_id = :family and t.first_position_at is not null and t.silent_at is not null"
                        + " group by d.member_id")
                .bind("family", family.value())
                .map((row, context) -> new Tracked(
                        new MemberId(row.getLong("member_id")),
                        Duration.ofMinutes(row.getLong("minutes")),
                        instant(row, "silent_at")))
                .list());
    }

    /**
     * Changes the settings of a tracker of the caller's own.
     *
     * @throws Problem 404 when there is none of this id
     */
    Tracker change(Caller caller, DeviceId id, UnaryOperator<Tracker> settings) {
        Tracker changed = heard.compute(id, (device, known) -> {
            Tracker before = known == null ? find(device).orElse(null) : known;
            if (before == null || !before.member().equals(caller.member())) {
                throw noSuchTracker();
            }
            return settings.apply(before);
        });
        unwritten.add(id);
        store.jdbi().useHandle(handle -> handle.createUpdate("update device set name = :name where id = :id")
                .bind("name", changed.name())
                .bind("id", id.value())
                .execute());
        write();
        store.jdbi().useHandle(handle -> writeSettings(handle, changed));
        facts.fire(new TrackerSettingsChanged(changed.family(), changed.member(), id));
        return changed;
    }

    /** A tracker that was heard since the start; empty for a device that is none. */
    Optional<Tracker> lately(DeviceId id) {
        return Optional.ofNullable(heard.get(id));
    }

    /** Notes what a tracker said; while its owner is paused, only that it did. Devices that are none are not noted. */
    void heard(Caller caller, ParsedRequest reading) {
        if (pauses.current(caller.member()).isPresent()) {
            note(caller.device(), health -> health.heard(new ParsedRequest(), now()));
            return;
        }
        note(caller.device(), health -> health.heard(reading, now()));
    }

    /** Somebody tried to be this tracker with a wrong secret: most likely its owner, who copied half of it. */
    void knockedInVain(DeviceId id) {
        note(
                id,
                health -> new Health(
                        health.contactAt(),
                        health.firstPositionAt(),
                        health.lastPositionAt(),
                        health.battery(),
                        health.charging(),
                        "Something came with a wrong password: copy it again, or set the tracker up again",
                        now()));
    }

    private void note(DeviceId id, UnaryOperator<Health> news) {
        Tracker[] before = new Tracker[1];
        Tracker after = heard.compute(id, (device, known) -> {
            before[0] = known == null ? find(device).orElse(null) : known;
            return before[0] == null ? null : before[0].with(news.apply(before[0].health()));
        });
        if (after == null) {
            return;
        }
        unwritten.add(id);
        Instant now = Instant.now();
        boolean otherTrouble = after.health().trouble() != null
                && !after.health().trouble().equals(before[0].health().trouble());
        if (otherTrouble || after.state(now) != before[0].state(now)) {
            facts.fire(TrackerChanged.of(after, now));
        }
    }

    /** To be run every few seconds: writes what was heard, and tells who fell silent. */
    public synchronized void look() {
        write();
        Instant now = Instant.now();
        List<Tracker> silent = store.jdbi()
                .withHandle(handle -> handle.createQuery(SELECT + " where t.silent_at > :since and t.silent_at <= :now")
                        .bind("since", looked.atOffset(ZoneOffset.UTC))
                        .bind("now", now.atOffset(ZoneOffset.UTC))
                        .map((row, context) -> tracker(row))
                        .list());
        looked = now;
        // Each node finds it out, and tells those who are connected to it.
        silent.forEach(tracker -> findings.fire(TrackerChanged.of(tracker, now)));
    }

    /** Writes what was heard. */
    private synchronized void write() {
        for (DeviceId id : unwritten) {
            // In this order: what is heard meanwhile is written the next time.
            unwritten.remove(id);
            Tracker tracker = heard.get(id);
            if (tracker != null) {
                try {
                    store.jdbi().useHandle(handle -> write(handle, tracker));
                } catch (RuntimeException e) {
                    unwritten.add(id);
                    throw e;
                }
            }
        }
    }

    /** Writes what was heard, if the store still answers. */
    public void stop() {
        try {
            write();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "When trackers were heard last could not be stored: {0}", e.getMessage());
        }
    }

    /** Takes over what was set, on this node or on another one. */
    void settle(@Observes TrackerSettingsChanged changed) {
        heard.computeIfPresent(changed.device(), (device, known) -> find(device)
                .map(stored -> stored.with(known.health()))
                .orElse(null));
    }

    /** Forgets what was heard, so that it is read again: other nodes hear too. */
    public void reread() {
        write();
        heard.clear();
    }

    void forget(@Observes DeviceRevoked revoked) {
        heard.remove(revoked.device());
    }

    void forget(@Observes MemberRemoved removed) {
        heard.values().removeIf(tracker -> tracker.member().equals(removed.member()));
    }

    private Optional<Tracker> find(DeviceId id) {
        return store.jdbi().withHandle(handle -> find(handle, id));
    }

    private static Optional<Tracker> find(Handle handle, DeviceId id) {
        return handle.createQuery(SELECT + " where d.id = :id")
                .bind("id", id.value())
                .map((row, context) -> tracker(row))
                .findOne();
    }

    private static Tracker tracker(ResultSet row) throws SQLException {
        return new Tracker(
                new DeviceId(row.getLong("id")),
                new FamilyId(row.getLong("family_id")),
                new MemberId(row.getLong("member_id")),
                row.getString("name"),
                App.valueOf(row.getString("app").toUpperCase(Locale.ROOT)),
                instant(row, "created_at"),
                row.getBoolean("shown_to_family"),
                row.getBoolean("family_in_app"),
                row.getBoolean("commands"),
                Duration.ofMinutes(row.getLong("silent_after_minutes")),
                new Health(
                        instant(row, "contact_at"),
                        instant(row, "first_position_at"),
                        instant(row, "last_position_at"),
                        row.getObject("battery", Double.class),
                        row.getObject("charging", Boolean.class),
                        row.getString("trouble"),
                        instant(row, "trouble_at")));
    }

    private static void write(Handle handle, Tracker tracker) {
        Health health = tracker.health();
        // Another node may have heard it later.
        handle.createUpdate("update tracker set contact_at = :contact, silent_at = :silent,"
                        + " first_position_at = coalesce(first_position_at, :first), last_position_at = :last,"
                        + " battery = :battery, charging = :charging, trouble = :trouble, trouble_at = :troubleAt"
                        + " where device_id = :id and (contact_at is null or contact_at <= :contact)")
                .bind("contact", utc(health.contactAt()))
                .bind("silent", utc(tracker.silentAt()))
                .bind("first", utc(health.firstPositionAt()))
                .bind("last", utc(health.lastPositionAt()))
                .bind("battery", health.battery())
                .bind("charging", health.charging())
                .bind("trouble", clip(health.trouble()))
                .bind("troubleAt", utc(health.troubleAt()))
                .bind("id", tracker.id().value())
                .execute();
    }

    private static void writeSettings(Handle handle, Tracker tracker) {
        handle.createUpdate(
                        "update tracker set shown_to_family = :shown, family_in_app = :family, commands = :commands,"
                                + " silent_after_minutes = :minutes, silent_at = :silent where device_id = :id")
                .bind("shown", tracker.shownToFamily())
                .bind("family", tracker.familyInApp())
                .bind("commands", tracker.commands())
                .bind("minutes", tracker.silentAfter().toMinutes())
                .bind("silent", utc(tracker.silentAt()))
                .bind("id", tracker.id().value())
                .execute();
    }

    static Problem noSuchTracker() {
        return new Problem(404, "You have no such tracker");
    }

    private static String clip(String text) {
        return text == null || text.length() <= MAX_TROUBLE ? text : text.substring(0, MAX_TROUBLE);
    }

    private static Instant now() {
        return Instant.now().truncatedTo(java.time.temporal.ChronoUnit.MILLIS);
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
