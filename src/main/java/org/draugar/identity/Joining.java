package org.draugar.identity;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import org.draugar.family.Code;
import org.draugar.family.DeviceId;
import org.draugar.family.Families;
import org.draugar.family.FamilyId;
import org.draugar.family.InviteId;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.family.Name;
import org.draugar.family.Role;
import org.draugar.http.Problem;
import org.draugar.identity.ClientAddress.Source;
import org.draugar.identity.Throttle.Limit;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * How a person becomes a member with a signed-in device: by the code of the first start, by an invitation, or by open
 * sign-up. Each code works exactly once, however many try at the same moment. Thread-safe.
 */
@Singleton
public class Joining {
    private static final Logger LOG = System.getLogger(Joining.class.getName());

    /** Several from one address, such as that of a house; in all, no more than a store can bear for years. */
    private final Throttle signUps = new Throttle(
            new Limit(10, Duration.ofMinutes(10)),
            new Limit(1000, Duration.ofMinutes(1)),
            "Too many new families: wait a little before you start another one");

    private final Store store;
    private final Families families;
    private final Devices devices;
    private final Settings settings;
    /** The operator's own code for the first start. */
    private final Optional<Code> ownCode;

    @Inject
    Joining(Store store, Families families, Devices devices, Settings settings) {
        this.store = store;
        this.families = families;
        this.devices = devices;
        this.settings = settings;
        ownCode = settings.setupCode().map(Code::new);
    }

    /**
     * What a person who joined gets.
     *
     * @param token the only time that it is seen
     * @param invite what they came by, or null
     * @param isNew whether the member is, and not only their device
     */
    record Joined(
            String token,
            FamilyId family,
            MemberId member,
            DeviceId device,
            String name,
            InviteId invite,
            boolean isNew) {}

    /** The code that starts the first family, while there is none. */
    public Optional<Code> setupCode() {
        return families.setupCode(ownCode);
    }

    /** Tells the log how the first family is started, while there is none. */
    public void announce() {
        // Who has set the code knows it, and whoever reads the log need not.
        setupCode()
                .filter(code -> !Optional.of(code).equals(ownCode))
                .ifPresent(code -> LOG.log(
                        Level.INFO,
                        "No family yet. Start yours with this link, it works once: {0}/#/join/{1}",
                        settings.url().orElse("http://localhost:" + settings.port()),
                        code.text()));
    }

    void removed(@Observes MemberRemoved removed) {
        announce();
    }

    /**
     * Joins with a code. One that brings a member back signs a device of theirs in, under the name that they have.
     *
     * @param deviceName what the device is to be called, or null
     * @return empty when the code is unknown, used or expired
     * @throws Problem 400 for an unusable name
     */
    Optional<Joined> join(Code code, String memberName, String deviceName) {
        String name = Name.check("name", memberName);
        if (isSetupCode(code)) {
            Optional<Joined> first = store.jdbi()
                    .inTransaction(handle -> families.claimFirst(handle)
                            ? Optional.of(start(handle, "Family of " + clip(name), name, deviceName))
                            : Optional.empty());
            if (first.isPresent()) {
                return first;
            }
        }
        return store.jdbi()
                .inTransaction(handle -> families.useInvite(handle, code).map(opened -> opened.member()
                        .map(back -> signIn(
                                handle,
                                opened.family(),
                                back,
                                families.nameOf(handle, back),
                                deviceName,
                                opened.invite(),
                                false))
                        .orElseGet(() -> {
                            MemberId member = families.addMember(handle, opened.family(), name, Role.MEMBER);
                            return signIn(handle, opened.family(), member, name, deviceName, opened.invite(), true);
                        })));
    }

    /** What a code would open right now; empty when it is of no use. */
    Optional<Families.Offer> offer(Code code) {
        return families.offer(code)
                .or(() ->
                        isSetupCode(code) ? Optional.of(new Families.Offer(Optional.empty(), true)) : Optional.empty());
    }

    private boolean isSetupCode(Code code) {
        return setupCode()
                .filter(known -> MessageDigest.isEqual(
                        code.text().getBytes(StandardCharsets.US_ASCII),
                        known.text().getBytes(StandardCharsets.US_ASCII)))
                .isPresent();
    }

    /**
     * Starts a family of one's own.
     *
     * @param from where they come from
     * @throws Problem 403 while sign-up is closed, 400 for an unusable name, 429 after too many
     */
    Joined signUp(String familyName, String memberName, String deviceName, Source from) {
        if (!settings.openSignup()) {
            throw new Problem(403, "This server takes no new families: ask for an invite link");
        }
        String family = Name.check("family name", familyName);
        String name = Name.check("name", memberName);
        signUps.attempt(from);
        return store.jdbi().inTransaction(handle -> start(handle, family, name, deviceName));
    }

    private Joined start(Handle handle, String familyName, String memberName, String deviceName) {
        FamilyId family = families.add(handle, familyName);
        MemberId member = families.addMember(handle, family, memberName, Role.ADMIN);
        return signIn(handle, family, member, memberName, deviceName, null, true);
    }

    private Joined signIn(
            Handle handle,
            FamilyId family,
            MemberId member,
            String name,
            String deviceName,
            InviteId invite,
            boolean isNew) {
        Devices.Added device = devices.add(handle, member, Name.cleaned(deviceName, "Device of " + clip(name)), null);
        return new Joined(device.token(), family, member, device.id(), name, invite, isNew);
    }

    /** Leaves room for the words around a name in a column that holds 64 code points. */
    private static String clip(String name) {
        int most = Math.min(48, name.codePointCount(0, name.length()));
        return name.substring(0, name.offsetByCodePoints(0, most));
    }
}
