package org.draugar.location;

/** Numbers as phones write them, in whatever language they speak. */
public final class Numbers {
    private Numbers() {}

    /**
     * A text with the digits, the minus and the decimal separator of ASCII, and without marks that are not seen, such as
     * those for the direction of writing. A phone set to Persian writes its times in Persian digits.
     */
    public static String ascii(String text) {
        if (text.codePoints().allMatch(c -> c >= ' ' && c < 0x7F)) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isDigit(c)) {
                plain.append(Character.digit(c, 10));
            } else if (c == '\u2212' || c == '\u2010' || c == '\u2011') {
                plain.append('-');
            } else if (c == '\u066B') {
                plain.append('.');
            } else if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                plain.append(' ');
            } else if (Character.getType(c) != Character.FORMAT) {
                plain.appendCodePoint(c);
            }
        });
        return plain.toString();
    }

    /**
     * Null when the text is no finite number; a comma may stand for the point. Not by BigDecimal: that takes quadratic
     * time on a long run of digits.
     */
    public static Double parse(String text) {
        if (text == null) {
            return null;
        }
        String plain = ascii(text).strip();
        if (plain.isEmpty() || "dDfF".indexOf(plain.charAt(plain.length() - 1)) >= 0) {
            // Java's own way of saying that it is a double.
            return null;
        }
        try {
            int comma = plain.indexOf(',');
            boolean decimal = comma >= 0 && plain.indexOf('.') < 0 && plain.indexOf(',', comma + 1) < 0;
            double number = Double.parseDouble(decimal ? plain.replace(',', '.') : plain);
            return Double.isFinite(number) ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
