package org.draugar.formats;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/** Times as text, in ISO 8601. */
final class Iso8601 {
    private static final DateTimeFormatter MILLISECONDS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private Iso8601() {}

    /** UTC with milliseconds, such as {@code 2026-11-23T08:00:00.000Z}. */
    static String format(Instant instant) {
        return MILLISECONDS.format(instant);
    }
}
