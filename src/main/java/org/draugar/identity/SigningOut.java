package org.draugar.identity;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.Families;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.MemberId;
import org.draugar.family.WayBack;

/** Ends devices: one that somebody removes, those that nobody uses, or all at once. Thread-safe. */
@Singleton
public class SigningOut {
    private static final Logger LOG = System.getLogger(SigningOut.class.getName());
    private static final long LOOK_NANOS = Duration.ofMinutes(5).toNanos();

    private static final Duration WAY_BACK = Duration.ofDays(7);

    private final Devices devices;
    private final Families families;
    private final Event<FamilyEvent> facts;
    private final Event<EverybodySignedOut> everybody;
    private long looked = System.nanoTime();

    @Inject
    SigningOut(
            Devices devices, Families families, @Here Event<FamilyEvent> facts, Event<EverybodySignedOut> everybody) {
        this.devices = devices;
        this.families = families;
        this.facts = facts;
        this.everybody = everybody;
    }

    /**
     * Signs a device out, if it is still signed in.
     *
     * @param by who wants that, or null where it is the server
     */
    void one(FamilyId family, MemberId member, DeviceId device, MemberId by) {
        if (devices.remove(device)) {
            facts.fire(new DeviceRevoked(family, member, device, by));
        }
    }

    /**
     * Signs every device of every family out, trackers too, and ends all invitations.
     *
     * @return what brings each member back
     */
    public List<WayBack> all() {
        everybody.fire(new EverybodySignedOut());
        // First, so that nobody comes in behind; nobody has seen the new codes yet.
        List<WayBack> ways =
                families.replaceInvites(Instant.now().plus(WAY_BACK).truncatedTo(ChronoUnit.MILLIS));
        // A device that is not ended yet may add another one meanwhile.
        for (var left = devices.all(); !left.isEmpty(); left = devices.all()) {
            left.forEach(this::one);
        }
        return ways;
    }

    /**
     * To be run every few seconds, by one thread: writes when devices were used, and ends those that were not for too
     * long.
     *
     * @param connected asked for those that are in use right now
     */
    public void look(Supplier<Set<DeviceId>> connected) {
        if (System.nanoTime() - looked > LOOK_NANOS) {
            looked = System.nanoTime();
            devices.write(connected.get());
            devices.unused().forEach(this::one);
        }
    }

    /** Writes when devices were used, if the store still answers. */
    public void stop() {
        try {
            devices.write(List.of());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "When devices were used last could not be stored: {0}", e.getMessage());
        }
    }

    private void one(Devices.Owned owned) {
        one(owned.family(), owned.member(), owned.device(), null);
    }
}
