package org.draugar.formats;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;

/** Times as text, in ISO 8601. */
final class Iso8601 {
    private static final DateTimeFormatter MILLISECONDS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private Iso8601() {}

    /** UTC with milliseconds, such as {@code 2026-11-23T08:00:00.000Z}. */
    static String format(Instant instant) {
        return MILLISECONDS.format(instant);
    }

    /**
     * Reads a date and time with an offset, or without one, which means UTC: GPX says so of its times.
     *
     * @throws DateTimeException when it is none
     */
    static Instant parse(String text) {
        TemporalAccessor time =
                DateTimeFormatter.ISO_DATE_TIME.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from);
        return time instanceof OffsetDateTime withOffset
                ? withOffset.toInstant()
                : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
    }
}
