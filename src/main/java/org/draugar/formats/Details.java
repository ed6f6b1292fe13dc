package org.draugar.formats;

import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.draugar.location.Fix;
import org.draugar.location.Numbers;

/**
 * What a position may say besides place and time, each null when it does not; in the units of {@link Fix}, though not
 * necessarily sensible.
 */
public record Details(
        Double accuracy,
        Double altitude,
        Double speed,
        Double bearing,
        Double battery,
        Boolean charging,
        String activity,
        String alarm) {

    static final Details NONE = activity(null);

    private static final int MAX_WORD = 32;
    /** How apps say that there is none. */
    private static final Set<String> NO_ALARM = Set.of("0", "false", "none", "null");

    static Details activity(String activity) {
        return new Details(null, null, null, null, null, null, activity, null);
    }

    /**
     * The position that these are the details of. Left out is what is no sensible value: some devices write -1 for what
     * they do not know.
     */
    public Fix at(double latitude, double longitude, Instant measuredAt) {
        return new Fix(
                latitude,
                longitude,
                measuredAt,
                within(accuracy, 0, 1e8),
                within(altitude, -20_000, 1e8),
                within(speed, 0, 1e5),
                within(bearing, 0, 360),
                within(battery, 0, 1),
                charging,
                word(activity),
                alarm(alarm));
    }

    /** Null when the text is no finite number. */
    public static Double number(String text) {
        return Numbers.parse(text);
    }

    /** Null when the text is neither true nor false. */
    public static Boolean flag(String text) {
        return "true".equals(text) ? Boolean.TRUE : "false".equals(text) ? Boolean.FALSE : null;
    }

    private static Double within(Double value, double least, double most) {
        return value != null && value >= least && value <= most ? value : null;
    }

    private static boolean isNoText(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
    }

    /** What an alarm is about, as much of it as can be kept: however it is worded, it is one. Null when there is none. */
    public static String alarm(String text) {
        if (text == null) {
            return null;
        }
        StringBuilder word = new StringBuilder();
        text.strip().codePoints().filter(c -> !isNoText(c)).limit(MAX_WORD).forEach(word::appendCodePoint);
        while (word.length() > MAX_WORD) {
            word.setLength(word.offsetByCodePoints(word.length(), -1));
        }
        boolean none = word.isEmpty() || NO_ALARM.contains(word.toString().toLowerCase(Locale.ROOT));
        return none ? null : word.toString();
    }

    private static String word(String word) {
        return word != null && word.length() <= MAX_WORD && word.codePoints().noneMatch(Details::isNoText)
                ? word
                : null;
    }
}
