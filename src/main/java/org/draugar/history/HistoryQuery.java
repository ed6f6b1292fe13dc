package org.draugar.history;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import org.draugar.http.Problem;

/**
 * Which positions of a member are asked for.
 *
 * @param from the earliest time of measurement, 1970 when nothing was said
 * @param to the time before which they were measured, the year 10000 when nothing was said
 * @param order by time of measurement
 * @param limit most positions of one page
 */
public record HistoryQuery(Instant from, Instant to, Order order, int limit) {
    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");
    private static final int MAX = 5000;
    private static final int DEFAULT_LIMIT = 500;

    /** Whether the oldest or the newest comes first. */
    public enum Order {
        ASC,
        DESC
    }

    /**
     * Reads what came as query parameters; each may be null or empty.
     *
     * @param from an instant, such as {@code 2026-11-23T08:00:00Z} or {@code 2026-11-23T09:00:00+01:00}, or a day, such
     *     as {@code 2026-11-23}, which begins at midnight UTC
     * @param to the same
     * @param order {@code asc}, or {@code desc}, the default
     * @param limit 1 to 5000, by default 500
     * @throws Problem 400 saying what would be right
     */
    public static HistoryQuery parse(String from, String to, String order, String limit) {
        Instant start = isMissing(from) ? Instant.EPOCH : instant("from", from);
        Instant end = isMissing(to) ? END : instant("to", to);
        if (start.isAfter(end)) {
            throw new Problem(400, "from: expected a time before to");
        }
        return new HistoryQuery(start, end, order(order), limit(limit));
    }

    private static boolean isMissing(String value) {
        return value == null || value.isBlank();
    }

    private static Instant instant(String name, String text) {
        try {
            Instant instant = text.contains("T")
                    // A + in an address arrives as a blank unless it is written as %2B, which people forget.
                    ? OffsetDateTime.parse(text.strip().replace(' ', '+')).toInstant()
                    : LocalDate.parse(text.strip()).atStartOfDay(ZoneOffset.UTC).toInstant();
            // Nothing was measured outside, and a store can count the milliseconds of what is inside.
            return instant.isBefore(Instant.EPOCH) ? Instant.EPOCH : instant.isAfter(END) ? END : instant;
        } catch (DateTimeParseException e) {
            throw new Problem(
                    400,
                    name + ": expected ISO 8601, such as 2026-11-23T08:00:00Z, 2026-11-23T09:00:00+01:00, or a day,"
                            + " such as 2026-11-23");
        }
    }

    private static Order order(String text) {
        if (isMissing(text)) {
            return Order.DESC;
        }
        return switch (text.strip()) {
            case "asc" -> Order.ASC;
            case "desc" -> Order.DESC;
            default -> throw new Problem(400, "order: expected asc (oldest first) or desc (newest first)");
        };
    }

    private static int limit(String text) {
        if (isMissing(text)) {
            return DEFAULT_LIMIT;
        }
        try {
            int limit = Integer.parseInt(text.strip());
            if (limit >= 1 && limit <= MAX) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // falls through to the message below
        }
        throw new Problem(400, "limit: expected a number from 1 to " + MAX);
    }
}
