package org.draugar.trackers;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The apps that a tracker may be. */
public enum App {
    OWNTRACKS,
    TRACCAR,
    OSMAND,
    OVERLAND,
    GPSLOGGER;

    static Optional<App> parse(String word) {
        return Arrays.stream(values()).filter(app -> app.word().equals(word)).findFirst();
    }

    /** Its name in the contract and in the store. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
