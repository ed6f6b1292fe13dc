package org.draugar.location;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * When something was measured: reads what devices and files write, knows which of it can be true, and sets right what
 * went wrong in a way that leaves no doubt. Every door and every file format asks here. To the millisecond, as the store
 * keeps it.
 */
public final class Times {
    /** No file holds anything older: before, there was no receiver that somebody carried about. */
    public static final Instant FIRST = Instant.parse("1990-01-01T00:00:00Z");

    /** How far ahead of the server a device's clock may be. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);
    /** A phone that was found again may deliver what is as old. */
    private static final Duration OLDEST = Duration.ofDays(3653);
    /** What is older is believed, but its owner should look at the device's clock. */
    private static final Duration DOUBTFUL = Duration.ofDays(366);
    /** How late a position may come whose time is set right. */
    private static final Duration LATE = Duration.ofDays(30);

    /** GPS counts weeks in ten bits, and some receivers do not know how often that began anew. */
    private static final Duration WEEK_ROLLOVER = Duration.ofDays(7 * 1024);
    /** Apple counts seconds since then, and some apps forget to convert. */
    private static final Duration SINCE_2001 = Duration.ofSeconds(978_307_200);

    private static final int MAX_TEXT = 64;
    /** So far from 1970 one can count on without leaving the times that there are. */
    private static final long MAX_SECONDS = 1L << 40;

    /** A zone of any kind, each part of which may be missing. A plus that a form decoded is a blank. */
    private static final String ZONE = "\\s*(?<utc>[zZ]|UTC|GMT)?(?:(?<sign>\\s*[+-]|\\s)\\s?(?<offset>[0-9]{2})"
            + "(?::?(?<minutes>[0-9]{2})(?::?[0-9]{2})?)?)?\\s*(?:\\[(?<region>[A-Za-z0-9_+/-]{1,40})])?";

    private static final Pattern DATE =
            Pattern.compile("(?<year>[+-]?[0-9]{4,9})([-/.])(?<month>[0-9]{1,2})\\2(?<day>[0-9]{1,2})(?:[tT]|\\s)\\s*"
                    + "(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]+))?)?"
                    + "\\s*(?<half>[aApP])?(?:(?<=[aApP])\\.?[mM]\\.?)?" + ZONE);
    /** ISO 8601 without its separators. */
    private static final Pattern BASIC_DATE =
            Pattern.compile("(?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})T(?<hour>[0-9]{2})(?<minute>[0-9]{2})"
                    + "(?<second>[0-9]{2})?(?:[.,](?<fraction>[0-9]+))?(?<half>)" + ZONE);
    /** The plus of an exponent may be lost, too. */
    private static final Pattern NUMBER =
            Pattern.compile("([+-]?[0-9]{1,24}(?:[.,][0-9]{1,24})?)(?:[eE][ +]?(-?[0-9]{1,3}))?");

    private Times() {}

    /**
     * Reads a date and time, which without a zone is UTC, or seconds, milliseconds, microseconds or nanoseconds since
     * 1970: which of them, their size tells.
     *
     * @return null when it is none of these
     */
    public static Instant read(String text) {
        if (text == null || text.length() > MAX_TEXT) {
            return null;
        }
        String plain = Numbers.ascii(text).strip();
        Matcher number = NUMBER.matcher(plain);
        return number.matches() ? sinceEpoch(number) : date(plain, false);
    }

    /** The same for dates that name their zone, and nothing else: where what they are is agreed. */
    public static Instant readWithZone(String text) {
        return text == null || text.length() > MAX_TEXT
                ? null
                : date(Numbers.ascii(text).strip(), true);
    }

    /** Of several times that something is said to have been measured at, the first that can be true; or else any. */
    public static Instant best(List<String> texts, Instant now) {
        Instant any = null;
        for (String text : texts) {
            Instant at = read(text);
            if (at != null && fault(corrected(at, now), now) == null) {
                return at;
            }
            any = any == null ? at : any;
        }
        return any;
    }

    private static Instant sinceEpoch(Matcher number) {
        String exponent = number.group(2) == null ? "" : "e" + number.group(2);
        double value = Double.parseDouble(number.group(1).replace(',', '.') + exponent);
        double size = Math.abs(value);
        double milliseconds = size < 1e11 ? value * 1e3 : size < 1e14 ? value : size < 1e17 ? value / 1e3 : value / 1e6;
        return size < 1e20 ? Instant.ofEpochMilli(Math.round(milliseconds)) : null;
    }

    private static Instant date(String text, boolean needsZone) {
        Matcher date = DATE.matcher(text);
        if (!date.matches()) {
            date = BASIC_DATE.matcher(text);
        }
        try {
            if (date.matches()) {
                return date(date, needsZone);
            }
            // What HTTP and mail write.
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException | ArithmeticException e) {
            // No day of the calendar, no zone, or further away than milliseconds can count.
            return null;
        }
    }

    private static Instant date(Matcher date, boolean needsZone) {
        int hour = Integer.parseInt(date.group("hour"));
        String half = date.group("half");
        if (half != null && !half.isEmpty()) {
            hour = hour % 12 + (half.equalsIgnoreCase("p") ? 12 : 0);
        }
        int minute = Integer.parseInt(date.group("minute"));
        int second = date.group("second") == null ? 0 : Integer.parseInt(date.group("second"));
        boolean endOfDay = hour == 24 && minute == 0 && second == 0;
        LocalDateTime local = LocalDate.of(
                        Integer.parseInt(date.group("year")),
                        Integer.parseInt(date.group("month")),
                        Integer.parseInt(date.group("day")))
                // A leap second is as good as the one before.
                .atTime(endOfDay ? 0 : hour, minute, second == 60 ? 59 : second)
                .plusDays(endOfDay ? 1 : 0);
        String fraction = date.group("fraction");
        if (fraction != null) {
            int milliseconds = Integer.parseInt((fraction + "000").substring(0, 3));
            local = local.plus(milliseconds, ChronoUnit.MILLIS);
        }
        Instant moment = local.toInstant(ZoneOffset.UTC);
        if (date.group("offset") != null) {
            Duration offset = Duration.ofHours(Integer.parseInt(date.group("offset")))
                    .plusMinutes(date.group("minutes") == null ? 0 : Integer.parseInt(date.group("minutes")));
            if (offset.toHours() > 18) {
                return null;
            }
            moment = date.group("sign").contains("-") ? moment.plus(offset) : moment.minus(offset);
        } else if (date.group("utc") == null && date.group("region") != null) {
            moment = local.atZone(ZoneId.of(date.group("region"))).toInstant();
        } else if (date.group("utc") == null && needsZone) {
            return null;
        }
        return Instant.ofEpochMilli(moment.toEpochMilli());
    }

    /**
     * The time at which something that is told now was measured: what is impossible or years ago, but by one of the known
     * faults lies within the last days, is set right. They lead to different years, so there is never a choice.
     */
    public static Instant corrected(Instant at, Instant now) {
        if (at.isAfter(now.minus(DOUBTFUL)) && !isInFuture(at, now)) {
            return at;
        }
        return Stream.of(
                        plus(at, WEEK_ROLLOVER),
                        plus(at, WEEK_ROLLOVER.multipliedBy(2)),
                        plus(at, SINCE_2001),
                        secondsForMilliseconds(at),
                        millisecondsForSeconds(at))
                .filter(other -> other.isAfter(now.minus(LATE)) && !isInFuture(other, now))
                .findFirst()
                .orElse(at);
    }

    /** The time of something in a file, which may be of any year: only what no file can hold is set right. */
    public static Instant correctedInFile(Instant at, Instant now) {
        Instant other = at.isBefore(FIRST) ? secondsForMilliseconds(at) : millisecondsForSeconds(at);
        boolean wrong = at.isBefore(FIRST) || isInFuture(at, now);
        return wrong && !other.isBefore(FIRST) && !isInFuture(other, now) ? other : at;
    }

    private static Instant plus(Instant at, Duration duration) {
        return Math.abs(at.getEpochSecond()) < MAX_SECONDS ? at.plus(duration) : at;
    }

    /** Where seconds were taken for milliseconds, everything is in January of 1970. */
    private static Instant secondsForMilliseconds(Instant at) {
        return at.getEpochSecond() >= 0 && at.getEpochSecond() < 1e8 ? Instant.ofEpochSecond(at.toEpochMilli()) : at;
    }

    /** And the other way round some fifty thousand years ahead. */
    private static Instant millisecondsForSeconds(Instant at) {
        return at.getEpochSecond() > 1e11 ? Instant.ofEpochMilli(at.getEpochSecond()) : at;
    }

    /** Why a position that is told now cannot have been measured then, in words for people; null when it can. */
    public static String fault(Instant at, Instant now) {
        if (isInFuture(at, now)) {
            return "timestamp: is in the future; check the device's clock";
        }
        return at.isBefore(now.minus(OLDEST))
                ? "timestamp: is more than ten years ago; check the device's clock"
                : null;
    }

    /** Why its owner should look after a device that measured something then, in words for people; null when fine. */
    public static String doubt(Instant at, Instant now) {
        return at.isBefore(now.minus(DOUBTFUL)) ? "timestamp: is years ago; check the device's clock" : fault(at, now);
    }

    /** Whether a clock that is a little ahead cannot explain it. */
    public static boolean isInFuture(Instant at, Instant now) {
        return at.isAfter(now.plus(CLOCK_SKEW));
    }
}
