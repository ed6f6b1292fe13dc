package org.draugar.alerts;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.Pause;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.location.Fix;
import org.draugar.location.LocationShared;
import org.draugar.location.Tracks;
import org.draugar.store.InOrder;
import org.draugar.store.Store;

/**
 * Watches batteries, and what does not happen: that somebody is heard. When somebody was heard last is what the store
 * says, and so it survives a restart; a clock that jumps, and a server that was away, are no silence: then it waits
 * whether they are heard within a while. Thread-safe.
 */
@Singleton
public class Watch {
    private static final Logger LOG = System.getLogger(Watch.class.getName());

    private static final double LOW = 0.15;
    private static final double CHARGED = 0.3;
    /** What other nodes have found out meanwhile is looked at again after so long. */
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(10);

    private static final Duration LEAST_SILENCE = Duration.ofHours(2);
    /** What phones keep back, they send within this time. */
    private static final Duration GRACE = Duration.ofMinutes(15);

    /** What they do at night counts too. */
    private static final Duration USUAL = Duration.ofDays(3);

    private static final Duration JUMP = Duration.ofMinutes(1);
    private static final long EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    private final Store store;
    private final Pauses pauses;
    private final Tracks tracks;
    private final Alerts alerts;
    private final LongSupplier clock;
    private final LongSupplier nanoTime;
    /** What a battery was, before what it is. */
    private final InOrder<DeviceId> inOrder = new InOrder<>(100);

    /** @param at in milliseconds since 1970 */
    private record Battery(boolean isLow, long at) {}

    private final Map<DeviceId, Battery> batteries = new ConcurrentHashMap<>();
    /** @param heard when they were heard last @param longest what they usually take before that */
    private record Usual(Instant heard, Duration longest) {}

    /** Only of those who are silent. */
    private final Map<MemberId, Usual> usual = new ConcurrentHashMap<>();

    private long lookedAt;
    private long clockThen;
    private long quietSince;

    @Inject
    Watch(Store store, Pauses pauses, Tracks tracks, Alerts alerts) {
        this(store, pauses, tracks, alerts, System::currentTimeMillis, System::nanoTime);
    }

    Watch(Store store, Pauses pauses, Tracks tracks, Alerts alerts, LongSupplier clock, LongSupplier nanoTime) {
        this.store = store;
        this.pauses = pauses;
        this.tracks = tracks;
        this.alerts = alerts;
        this.clock = clock;
        this.nanoTime = nanoTime;
        quietSince = nanoTime.getAsLong();
        lookedAt = quietSince;
        clockThen = clock.getAsLong();
    }

    /** To be called once, before the first position. @param executor where what was found out is stored */
    public void start(Executor executor) {
        inOrder.start(executor);
    }

    void look(@Observes LocationShared shared) {
        if (!(shared.report() instanceof Fix fix) || fix.battery() == null) {
            return;
        }
        long now = clock.getAsLong();
        boolean isLow = fix.battery() <= LOW;
        boolean isNews = fix.measuredAt().toEpochMilli() > now - Alerts.NEWS.toMillis();
        if (!isNews || !isLow && fix.battery() < CHARGED) {
            return;
        }
        Battery before = batteries.put(shared.sender().device(), new Battery(isLow, now));
        if (before != null && before.isLow() == isLow && now - before.at() < LOOK_AGAIN.toMillis()) {
            batteries.put(shared.sender().device(), before);
            return;
        }
        try {
            inOrder.await(shared.sender().device(), () -> change(shared, isLow, now));
        } catch (Problem full) {
            batteries.remove(shared.sender().device());
        }
    }

    private void change(LocationShared shared, boolean isLow, long now) {
        DeviceId device = shared.sender().device();
        try {
            store.jdbi().useTransaction(handle -> {
                int changed = handle.createUpdate(
                                isLow
                                        ? "insert into battery_low (device_id, since) values (:device, :now)"
                                                + " on conflict do nothing"
                                        : "delete from battery_low where device_id = :device and since < :now")
                        .bind("device", device.value())
                        .bind("now", now)
                        .execute();
                if (isLow && changed == 1) {
                    alerts.tell(
                            handle,
                            shared.family(),
                            shared.sender().member(),
                            Alert.Kind.BATTERY,
                            null,
                            Instant.ofEpochMilli(now),
                            device + " " + now);
                }
            });
        } catch (RuntimeException e) {
            batteries.remove(device);
            LOG.log(Level.WARNING, "A low battery could not be told of: {0}", e.getMessage());
        }
    }

    void forget(@Observes DeviceRevoked revoked) {
        batteries.remove(revoked.device());
    }

    /** To be run every few seconds. */
    public synchronized void look() {
        long nanos = nanoTime.getAsLong();
        if (nanos - lookedAt < EVERY_NANOS) {
            return;
        }
        long now = clock.getAsLong();
        long jumped =
                Math.abs(now - clockThen - Duration.ofNanos(nanos - lookedAt).toMillis());
        lookedAt = nanos;
        clockThen = now;
        if (jumped > JUMP.toMillis() || !store.isLeader()) {
            quietSince = nanos;
        }
        if (nanos - quietSince < GRACE.toNanos()) {
            return;
        }
        store.jdbi().withHandle(Alerts::watchedForSilence).forEach((member, family) -> look(family, member, now));
    }

    private void look(FamilyId family, MemberId member, long now) {
        Optional<Instant> heard = tracks.lastHeard(member);
        if (heard.isEmpty() || pauses.current(member).isPresent()) {
            return;
        }
        Instant since = pauses.of(member).stream()
                .map(Pause::until)
                .filter(end -> end != null && end.isAfter(heard.get()))
                .reduce(heard.get(), (one, other) -> other.isAfter(one) ? other : one);
        Duration silent = Duration.between(since, Instant.ofEpochMilli(now));
        if (silent.compareTo(LEAST_SILENCE) <= 0) {
            usual.remove(member);
            return;
        }
        Duration longest = usual.compute(
                        member,
                        (m, known) -> known != null && known.heard().equals(heard.get())
                                ? known
                                : new Usual(heard.get(), tracks.longestSilence(member, heard.get(), USUAL)))
                .longest();
        if (silent.compareTo(longest.plus(longest.dividedBy(4))) > 0) {
            store.jdbi()
                    .useTransaction(handle -> alerts.tell(
                            handle,
                            family,
                            member,
                            Alert.Kind.SILENT,
                            null,
                            Instant.ofEpochMilli(now),
                            member + " " + heard.get().toEpochMilli()));
        }
    }
}
