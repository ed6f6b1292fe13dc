package org.draugar.formats;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.location.Numbers;

/**
 * A pair of coordinates as text, such as {@code 63.43°, 10.39°} or {@code geo:63.43,10.39}. What can be read in two ways
 * is not read at all: a comma taken for the wrong thing puts somebody on another continent.
 */
public record Coordinates(double latitude, double longitude) {
    private static final int MAX_TEXT = 128;

    private static final String NUMBER = "([-+]?[0-9]{1,3}(?:[.,][0-9]{1,20})?)";
    /** A degree sign, or what encodings have made of it, and the half of the earth. */
    private static final String MARK = "\\s*([^-+0-9.,;\\s][^-+0-9.,;]{0,16})";

    /** Each with its mark: there a comma within a number can be nothing but the point. */
    private static final Pattern MARKED = Pattern.compile(NUMBER + MARK + "[,;\\s]\\s*" + NUMBER + MARK + ",?");
    /** With points in the numbers, or whole, and a comma between; behind it may stand the altitude. */
    private static final Pattern POINTS = Pattern.compile(
            "([-+]?[0-9]{1,3}(?:\\.[0-9]{1,20})?(?:[eE]-?[0-9]{1,2})?)\\s*°?\\s*[,;\\s]\\s*"
                    + "([-+]?[0-9]{1,3}(?:\\.[0-9]{1,20})?(?:[eE]-?[0-9]{1,2})?)\\s*°?\\s*(?:[,;]\\s*-?[0-9]*\\.?[0-9]*)?");
    /** With commas in both numbers. */
    private static final Pattern COMMAS =
            Pattern.compile("([-+]?[0-9]{1,3},[0-9]{1,20})\\s*°?\\s*[,;\\s]\\s*([-+]?[0-9]{1,3},[0-9]{1,20})\\s*°?");
    /** Only whole numbers between commas: {@code 63,43,10} is two places, or a place and an altitude. */
    private static final Pattern IN_DOUBT = Pattern.compile("[-+]?[0-9]+\\s*,\\s*[-+]?[0-9]+\\s*,.*");

    /** Null when it is none, or not certain which. */
    public static Coordinates parse(String text) {
        if (text == null || text.length() > MAX_TEXT) {
            return null;
        }
        String plain = Numbers.ascii(text).strip();
        boolean uri = plain.regionMatches(true, 0, "geo:", 0, 4);
        plain = uri ? plain.substring(4).replaceFirst(";.*", "") : plain;
        Matcher commas = COMMAS.matcher(plain);
        if (!uri && commas.matches()) {
            return of(commas.group(1), commas.group(2));
        }
        Matcher points = POINTS.matcher(plain);
        if (points.matches()) {
            return !uri && IN_DOUBT.matcher(plain).matches() ? null : of(points.group(1), points.group(2));
        }
        Matcher marked = MARKED.matcher(plain);
        if (marked.matches()) {
            String latitude = signed(marked.group(1), marked.group(2), "N", "S");
            String longitude = signed(marked.group(3), marked.group(4), "E", "W");
            return latitude == null || longitude == null ? null : of(latitude, longitude);
        }
        return null;
    }

    /** The number with the sign of its half of the earth; null where the mark says something else. */
    private static String signed(String number, String mark, String positive, String negative) {
        String letters = mark.replaceAll("[^A-Za-z]", "");
        if (letters.isEmpty() || letters.equalsIgnoreCase(positive)) {
            return number;
        }
        return letters.equalsIgnoreCase(negative) && Character.isDigit(number.charAt(0)) ? "-" + number : null;
    }

    private static Coordinates of(String latitude, String longitude) {
        return new Coordinates(Numbers.parse(latitude), Numbers.parse(longitude));
    }

    /**
     * A longitude as it is counted from -180 to 180. Some software goes on behind the antimeridian, or counts up to 360.
     * What is further out stays as it is, and is none.
     */
    public static double wrapped(double longitude) {
        if (Math.abs(longitude) <= 180 || !(Math.abs(longitude) <= 360)) {
            return longitude;
        }
        // To a tenth of a millimetre: without the noise of the subtraction.
        return Math.round((longitude - Math.copySign(360, longitude)) * 1e9) / 1e9;
    }
}
