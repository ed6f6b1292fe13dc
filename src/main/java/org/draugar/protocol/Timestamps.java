package org.draugar.protocol;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Moments as text, in ISO 8601. Each position has one, and Java's own way through its formatters made a fifth of all
 * that the server allocated for it; so what phones mostly send is read and written here, and the rest there.
 */
final class Timestamps {
    private static final int SECONDS = "2026-11-23T08:00:00Z".length();
    private static final int MILLISECONDS = "2026-11-23T08:00:00.000Z".length();
    private static final String SHAPE = "0000-00-00T00:00:00.000";
    /** Years with four digits. */
    private static final long FIRST = Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();

    private static final long END = Instant.parse("+10000-01-01T00:00:00Z").getEpochSecond();

    private Timestamps() {}

    /**
     * Reads what {@link Instant#parse} does.
     *
     * @throws DateTimeException when it is none
     */
    static Instant parse(String text) {
        if (!isCommon(text)) {
            return Instant.parse(text);
        }
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        if (hour > 23 || minute > 59 || second > 59) {
            // The end of a day, a leap second, or none of these.
            return Instant.parse(text);
        }
        long day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10))
                .toEpochDay();
        int millis = text.length() == MILLISECONDS ? number(text, 20, 23) : 0;
        return Instant.ofEpochSecond(((day * 24 + hour) * 60 + minute) * 60 + second, millis * 1_000_000L);
    }

    /** Whether it looks like {@code 2026-11-23T08:00:00Z}, with milliseconds or without. */
    private static boolean isCommon(String text) {
        int end = text.length() - 1;
        if ((text.length() != SECONDS && text.length() != MILLISECONDS) || text.charAt(end) != 'Z') {
            return false;
        }
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            char shape = SHAPE.charAt(i);
            if (shape == '0' ? c < '0' || c > '9' : c != shape) {
                return false;
            }
        }
        return true;
    }

    private static int number(String text, int begin, int end) {
        int number = 0;
        for (int i = begin; i < end; i++) {
            number = 10 * number + text.charAt(i) - '0';
        }
        return number;
    }

    /** Writes what {@link Instant#toString} does. */
    static void append(StringBuilder text, Instant moment) {
        long seconds = moment.getEpochSecond();
        if (seconds < FIRST || seconds >= END || moment.getNano() % 1_000_000 != 0) {
            text.append(moment);
            return;
        }
        LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        append(text, time.getYear(), 1000);
        append(text.append('-'), time.getMonthValue(), 10);
        append(text.append('-'), time.getDayOfMonth(), 10);
        append(text.append('T'), time.getHour(), 10);
        append(text.append(':'), time.getMinute(), 10);
        append(text.append(':'), time.getSecond(), 10);
        if (moment.getNano() != 0) {
            append(text.append('.'), moment.getNano() / 1_000_000, 100);
        }
        text.append('Z');
    }

    private static void append(StringBuilder text, int number, int firstDigit) {
        for (int digit = firstDigit; digit > 0; digit /= 10) {
            text.append((char) ('0' + number / digit % 10));
        }
    }
}
