package org.draugar.family;

import java.text.Normalizer;
import org.draugar.http.Problem;

/** Checks names of members, families and devices: what people type and other people see. */
public final class Name {
    private static final int MAX_CODE_POINTS = 64;

    private Name() {}

    /**
     * @param what what is named, for the message: "name", "family"
     * @return the name in Unicode normal form C, without blanks around it
     * @throws Problem 400 when it is missing, longer than 64 code points, or holds characters that could disguise it
     */
    public static String check(String what, String name) {
        if (name == null || name.isBlank()) {
            throw new Problem(400, "Give a " + what + ": 1 to 64 characters");
        }
        String clean = Normalizer.normalize(name.strip(), Normalizer.Form.NFC);
        if (clean.codePointCount(0, clean.length()) > MAX_CODE_POINTS) {
            throw new Problem(400, "The " + what + " is too long: at most 64 characters");
        }
        if (clean.codePoints().anyMatch(Name::disguises)) {
            throw new Problem(
                    400, "The " + what + " holds a control or direction character: use letters, digits, signs");
        }
        return clean;
    }

    /**
     * A name that others gave, such as a file's, as much of it as can be shown: nothing is refused for it.
     *
     * @param fallback for where nothing is left
     */
    public static String cleaned(String name, String fallback) {
        StringBuilder clean = new StringBuilder();
        Normalizer.normalize(name == null ? "" : name, Normalizer.Form.NFC)
                .codePoints()
                .filter(c -> !disguises(c))
                .limit(MAX_CODE_POINTS)
                .forEach(clean::appendCodePoint);
        String shown = clean.toString().strip();
        return shown.isEmpty() ? fallback : shown;
    }

    /**
     * Direction overrides (U+202E and its like) let one member pass for another; control characters break logs and
     * terminals. The joiners U+200C and U+200D stay: scripts and emoji need them.
     */
    private static boolean disguises(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.FORMAT -> codePoint != 0x200C && codePoint != 0x200D;
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
