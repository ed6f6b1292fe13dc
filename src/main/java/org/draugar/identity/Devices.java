package org.draugar.identity;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.Role;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.EmptyHandling;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The stored devices and the hashes of their tokens. Thread-safe. */
@Singleton
public class Devices {
    private static final int WRITTEN_AT_ONCE = 100;
    private static final int READ_AT_ONCE = 1000;

    private final Store store;
    /** How long a device stays signed in without being used, zero for ever. */
    private final Duration term;
    /** When devices were used, where that is not written yet. */
    private final Map<DeviceId, Instant> seen = new ConcurrentHashMap<>();

    @Inject
    Devices(Store store, Settings settings) {
        this.store = store;
        this.term = settings.deviceTerm();
    }

    /**
     * A device that was just added.
     *
     * @param token to be shown once
     */
    public record Added(DeviceId id, String token) {
        /** The token stays out of logs. */
        @Override
        public String toString() {
            return id.toString();
        }
    }

    /** Adds a device. @param app what it is when it may do nothing but report positions, or null */
    public Added add(Handle handle, MemberId member, String name, String app) {
        Token token = Token.random();
        DeviceId id = DeviceId.random();
        handle.createUpdate("insert into device (id, member_id, token_hash, name, app, created_at, last_seen_at)"
                        + " values (:id, :member, :hash, :name, :app, :now, :now)")
                .bind("id", id.value())
                .bind("member", member.value())
                .bind("hash", token.hash())
                .bind("name", name)
                .bind("app", app)
                .bind("now", now())
                .execute();
        return new Added(id, token.text());
    }

    /**
     * Whose device token this is, if it is one that may do whatever its member may.
     *
     * @param token as the device was given it
     */
    public Optional<Caller> findCaller(String token) {
        return findCaller(new Token(token));
    }

    Optional<Caller> findCaller(Token token) {
        return findCaller(token, List.of());
    }

    /**
     * Whose device token this is, where nothing but a report of a position is taken.
     *
     * @param token as the device was given it
     * @param apps that report here: the secret of any other opens nothing
     */
    public Optional<Caller> findReporter(String token, Collection<String> apps) {
        return findCaller(new Token(token), apps);
    }

    private Optional<Caller> findCaller(Token token, Collection<String> apps) {
        Optional<Caller> caller = store.jdbi().withHandle(handle -> handle.createQuery(
                        "select m.family_id, m.id as member_id, d.id as device_id, m.name, m.role"
                                + " from device d join member m on m.id = d.member_id"
                                + " where d.token_hash = :hash and d.last_seen_at > :since"
                                + " and (d.app is null or d.app in (<apps>))")
                .bind("hash", token.hash())
                .bind("since", usedSince())
                .bindList(EmptyHandling.NULL_KEYWORD, "apps", List.copyOf(apps))
                .map((row, context) -> new Caller(
                        new FamilyId(row.getLong("family_id")),
                        new MemberId(row.getLong("member_id")),
                        new DeviceId(row.getLong("device_id")),
                        row.getString("name"),
                        Role.valueOf(row.getString("role"))))
                .findOne());
        caller.ifPresent(known -> seen.put(known.device(), Instant.now()));
        return caller;
    }

    /**
     * Writes when the devices were used that were since the last time, some at a time. With each request it would cost as
     * much as what was asked for.
     *
     * @param connected those that are in use right now
     */
    void write(Collection<DeviceId> connected) {
        Instant now = Instant.now();
        connected.forEach(device -> seen.put(device, now));
        // In one order, so that nobody who deletes several waits for this while this waits for them.
        List<DeviceId> all = seen.keySet().stream()
                .sorted(Comparator.comparingLong(DeviceId::value))
                .toList();
        for (int from = 0; from < all.size(); from += WRITTEN_AT_ONCE) {
            List<DeviceId> some = all.subList(from, Math.min(all.size(), from + WRITTEN_AT_ONCE));
            Map<DeviceId, Instant> written = new HashMap<>();
            // One that was removed meanwhile is not there any more.
            some.forEach(device -> Optional.ofNullable(seen.get(device)).ifPresent(at -> written.put(device, at)));
            if (written.isEmpty()) {
                continue;
            }
            store.jdbi().useTransaction(handle -> {
                PreparedBatch batch = handle.prepareBatch("update device set last_seen_at = :at where id = :id");
                some.stream().filter(written::containsKey).forEach(device -> batch.bind(
                                "at", written.get(device).atOffset(ZoneOffset.UTC))
                        .bind("id", device.value())
                        .add());
                batch.execute();
            });
            // What was used meanwhile is written the next time.
            written.forEach(seen::remove);
        }
    }

    /** The signed-in devices of a family. */
    public List<Device> list(FamilyId family) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select d.id, d.member_id, d.name, d.created_at, d.last_seen_at from device d"
                                + " join member m on m.id = d.member_id where m.family_id = :family"
                                + " order by d.created_at, d.id")
                .bind("family", family.value())
                .map((row, context) -> new Device(
                        new DeviceId(row.getLong("id")),
                        new MemberId(row.getLong("member_id")),
                        row.getString("name"),
                        row.getObject("created_at", OffsetDateTime.class).toInstant(),
                        seen.getOrDefault(
                                new DeviceId(row.getLong("id")),
                                row.getObject("last_seen_at", OffsetDateTime.class)
                                        .toInstant())))
                .list());
    }

    /** A device that was signed in, and whose. */
    record Owned(FamilyId family, MemberId member, DeviceId device) {}

    /** Those of some devices that are signed in. */
    public Set<DeviceId> signedIn(Collection<DeviceId> some) {
        Set<DeviceId> found = new HashSet<>();
        List<DeviceId> all = List.copyOf(some);
        for (int from = 0; from < all.size(); from += READ_AT_ONCE) {
            List<Long> ids = all.subList(from, Math.min(all.size(), from + READ_AT_ONCE)).stream()
                    .map(DeviceId::value)
                    .toList();
            store.jdbi().useHandle(handle -> handle.createQuery("select id from device where id in (<ids>)")
                    .bindList("ids", ids)
                    .mapTo(Long.class)
                    .forEach(id -> found.add(new DeviceId(id))));
        }
        return found;
    }

    /** Those that were not used for as long as they may. */
    List<Owned> unused() {
        return owned(usedSince());
    }

    /** All devices of all families. */
    List<Owned> all() {
        return owned(Instant.now().plus(Duration.ofDays(1)).atOffset(ZoneOffset.UTC));
    }

    private List<Owned> owned(OffsetDateTime notUsedSince) {
        return store.jdbi()
                .withHandle(handle -> handle.createQuery("select m.family_id, d.member_id, d.id from device d"
                                + " join member m on m.id = d.member_id where d.last_seen_at <= :since order by d.id")
                        .bind("since", notUsedSince)
                        .map((row, context) -> new Owned(
                                new FamilyId(row.getLong("family_id")),
                                new MemberId(row.getLong("member_id")),
                                new DeviceId(row.getLong("id"))))
                        .list());
    }

    private OffsetDateTime usedSince() {
        return (term.isZero() ? Instant.EPOCH : Instant.now().minus(term)).atOffset(ZoneOffset.UTC);
    }

    void rename(DeviceId device, String name) {
        store.jdbi().useHandle(handle -> handle.createUpdate("update device set name = :name where id = :id")
                .bind("name", name)
                .bind("id", device.value())
                .execute());
    }

    /** @return whether it was there to be removed */
    boolean remove(DeviceId device) {
        seen.remove(device);
        return store.jdbi()
                .withHandle(handle -> handle.createUpdate("delete from device where id = :id")
                                .bind("id", device.value())
                                .execute()
                        == 1);
    }

    private static OffsetDateTime now() {
        return Instant.now().atOffset(ZoneOffset.UTC);
    }
}
