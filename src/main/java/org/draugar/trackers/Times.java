package org.draugar.trackers;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import org.draugar.formats.Details;

/** Times as trackers write them. */
final class Times {
    /** A blank or a T in the middle, and an offset with or without a colon, or none, which means UTC. */
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][XX]")
            .toFormatter(java.util.Locale.ROOT);

    private Times() {}

    /** Seconds since 1970, or milliseconds from 2³¹ on, or a date and time; null when it is none of these. */
    static Instant read(String text) {
        if (text == null) {
            return null;
        }
        Double number = Details.number(text);
        if (number != null) {
            return Instant.ofEpochMilli((long) (Math.abs(number) < 1L << 31 ? number * 1000 : number));
        }
        try {
            TemporalAccessor time = ISO.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from);
            Instant moment = time instanceof OffsetDateTime withOffset
                    ? withOffset.toInstant()
                    : LocalDateTime.from(time).toInstant(ZoneOffset.UTC);
            return Instant.ofEpochMilli(moment.toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            // Not a time, or one further away than milliseconds can count.
            return null;
        }
    }
}
