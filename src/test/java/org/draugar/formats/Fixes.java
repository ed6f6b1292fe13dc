package org.draugar.formats;

import java.time.Instant;
import java.util.List;
import org.draugar.location.Fix;

/** Positions for the tests, at invented places. */
final class Fixes {
    static final Instant START = Instant.parse("2025-05-01T10:00:00Z");

    static final Fix EVERYTHING =
            new Fix(10.5001, -20.5001, START, 12.5, -3.25, 1.5, 270.25, 0.5, true, "on a <bike> & \"happy\" 🚲", "sos");

    private Fixes() {}

    /** A position of which only place and time are known. */
    static Fix at(long seconds, double latitude, double longitude) {
        return new Fix(latitude, longitude, START.plusSeconds(seconds), null, null, null, null, null, null, null);
    }

    /** Two segments, with everything and with almost nothing known. */
    static List<Fix> track() {
        return List.of(
                EVERYTHING,
                at(600, 0.0000123, 180),
                at(1201, -90, -180),
                new Fix(1e-9, 1, START.plusMillis(1_300_123), null, null, null, null, null, false, null));
    }
}
