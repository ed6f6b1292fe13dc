package org.draugar.store;

import java.time.Duration;
import org.draugar.settings.Settings;

/** Stores in ways that only a server opens them. */
public final class StoreFixture {
    private StoreFixture() {}

    /** One that shares its PostgreSQL with others, as in a cluster. */
    public static Store shared(Settings settings) {
        return new Store(settings, Duration.ZERO, true);
    }
}
