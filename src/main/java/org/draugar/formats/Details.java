package org.draugar.formats;

import java.time.Instant;
import org.draugar.location.Fix;

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

    private static final int MOST_WORD = 32;

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
                word(alarm));
    }

    /** Null when the text is no finite number. Not by BigDecimal: that takes quadratic time on a long run of digits. */
    public static Double number(String text) {
        try {
            Double number = text == null ? null : Double.valueOf(text);
            return number == null || !Double.isFinite(number) ? null : number;
        } catch (NumberFormatException e) {
            return null;
        }
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

    private static String word(String word) {
        return word != null && word.length() <= MOST_WORD && word.codePoints().noneMatch(Details::isNoText)
                ? word
                : null;
    }
}
