package org.draugar.identity;

import java.time.Instant;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.family.Code;
import org.draugar.family.Families;
import org.draugar.family.FamiliesFixture;
import org.draugar.identity.ClientAddress.Source;
import org.draugar.settings.Settings;
import org.draugar.store.Store;

/** Lets people in where no container runs. */
public final class IdentityFixture {
    private static final Settings OPEN = Settings.from(Map.of("DRAUGAR_SIGNUP", "open")::get);

    private static final Source HERE = new Source("192.0.2.1", null);

    private IdentityFixture() {}

    public static Caller signUp(Store store, String name) {
        Devices devices = new Devices(store, OPEN);
        Joining joining = new Joining(store, FamiliesFixture.families(store), devices, OPEN);
        return devices.findCaller(joining.signUp("Family", name, null, HERE).token())
                .orElseThrow();
    }

    /** A device token of the member who starts a family. */
    public static String token(Store store, String name) {
        return new Joining(store, FamiliesFixture.families(store), new Devices(store, OPEN), OPEN)
                .signUp("Family", name, null, HERE)
                .token();
    }

    /** Whom a device token stands for. */
    public static Caller caller(Store store, String token) {
        return new Devices(store, OPEN).findCaller(token).orElseThrow();
    }

    public static Caller join(Store store, Caller admin, String name) {
        Families families = FamiliesFixture.families(store);
        Devices devices = new Devices(store, OPEN);
        Code code = Code.random();
        families.addInvite(admin, code, Instant.now().plusSeconds(60));
        return devices.findCaller(new Joining(store, families, devices, OPEN)
                        .join(code, name, null)
                        .orElseThrow()
                        .token())
                .orElseThrow();
    }
}
