package org.draugar.location;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.Pause;
import org.draugar.family.Pauses;

/**
 * Tells what may be left over from a pause: reports that do not say when they were measured, from a device that was away
 * and had them waiting. One that says so nowhere in the clear counts as measured when it comes in, where it cannot be
 * older than the end of its member's last pause:
 *
 * <ul>
 *   <li>on a connection that was open when the pause ended: what was measured before came before;
 *   <li>on a later one, a minute after it opened: by then it has delivered what waited. From there on the device has
 *       nothing left of that pause, whatever it connects with;
 *   <li>by request, where nothing tells what waits, a day after the first one that came after the pause.
 * </ul>
 *
 * <p>A pause that ended a month ago is over and done. Kept in memory alone: after a restart a device has to wait once more. Thread-safe.
 */
@Singleton
class Stragglers {
    private static final Duration DELIVERED = Duration.ofMinutes(1);
    private static final Duration DELIVERED_BY_REQUESTS = Duration.ofDays(1);
    /** Nothing waits for longer than this. */
    private static final Duration LONG_AGO = Duration.ofDays(30);

    private final Pauses pauses;
    /** Since when a device has nothing left of pauses that ended before. */
    private final Map<DeviceId, Instant> clear = new ConcurrentHashMap<>();
    /** When a device came by request for the first time after the end of a pause. */
    private final Map<DeviceId, Back> back = new ConcurrentHashMap<>();

    private record Back(Instant pauseEnd, Instant at) {}

    @Inject
    Stragglers(Pauses pauses) {
        this.pauses = pauses;
    }

    /**
     * Whether a report without a time may be left over from a pause.
     *
     * @param openedAt when the connection that it came by was opened, or null where it came by request
     */
    boolean mayBeOne(Caller sender, Instant openedAt) {
        List<Pause> all = pauses.of(sender.member());
        Instant end = all.isEmpty() ? null : all.get(all.size() - 1).until();
        Instant now = Instant.now();
        if (end == null || end.isAfter(now) || end.isBefore(now.minus(LONG_AGO))) {
            // Not paused lately, or paused right now, which holds anyway.
            return false;
        }
        DeviceId device = sender.device();
        if (clear.getOrDefault(device, Instant.MIN).isAfter(end)) {
            return false;
        }
        boolean delivered;
        if (openedAt == null) {
            Back first = back.compute(
                    device,
                    (d, before) -> before == null || !before.pauseEnd().equals(end) ? new Back(end, now) : before);
            delivered = now.isAfter(first.at().plus(DELIVERED_BY_REQUESTS));
        } else {
            delivered = !openedAt.isAfter(end) || now.isAfter(openedAt.plus(DELIVERED));
        }
        if (delivered) {
            clear.put(device, now);
            back.remove(device);
        }
        return !delivered;
    }

    void forget(@Observes DeviceRevoked revoked) {
        clear.remove(revoked.device());
        back.remove(revoked.device());
    }
}
