package org.draugar.protocol;

import jakarta.json.JsonValue.ValueType;

/**
 * Goes once over the text of one JSON object (RFC 8259), member by member, and builds no tree. As
 * strict as the grammar, bounded in depth, and nothing may follow the object.
 */
final class JsonCursor {
    /** Deepest nesting of any message of the contract, and one more for members that we do not know. */
    private static final int MAX_DEPTH = 3;

    /** What a double holds exactly: such digits, divided by such a power of ten, give the nearest number. */
    private static final long EXACT = 1L << 53;

    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private final String text;
    private int at;
    private boolean inside;

    JsonCursor(String text) {
        this.text = text;
    }

    /**
     * Goes to the next member, whose value must then be read or skipped.
     *
     * @return its name, or null when the object is complete
     */
    String nextName() {
        char c = skipSpace();
        if (!inside) {
            if (c != '{') {
                throw notOneObject();
            }
            at++;
            c = skipSpace();
            if (c == '}') {
                return end();
            }
            inside = true;
        } else if (c == '}') {
            return end();
        } else {
            expect(',');
            c = skipSpace();
        }
        return name(c);
    }

    /** What kind of value comes next. */
    ValueType kind() {
        return switch (text.charAt(at)) {
            case '"' -> ValueType.STRING;
            case '{' -> ValueType.OBJECT;
            case '[' -> ValueType.ARRAY;
            case 't' -> ValueType.TRUE;
            case 'f' -> ValueType.FALSE;
            case 'n' -> ValueType.NULL;
            default -> ValueType.NUMBER;
        };
    }

    /** Reads a string. */
    String string() {
        int start = ++at;
        while (true) {
            char c = current();
            if (c == '"') {
                return text.substring(start, at++);
            }
            if (c == '\\') {
                return unescape(start);
            }
            if (c < ' ') {
                throw notJson();
            }
            at++;
        }
    }

    /** Reads a number, infinite where a double does not reach. */
    double number() {
        int start = at;
        boolean negative = current() == '-';
        if (negative) {
            at++;
        }
        long digits = digits(0, true);
        int decimals = 0;
        if (current() == '.') {
            int point = at++;
            digits = digits(digits, false);
            decimals = at - point - 1;
        }
        boolean exponent = (current() | 0x20) == 'e';
        if (exponent) {
            at++;
            if (current() == '+' || current() == '-') {
                at++;
            }
            digits(0, false);
        }
        if (!exponent && digits < EXACT && decimals < POWERS_OF_TEN.length) {
            double number = digits / POWERS_OF_TEN[decimals];
            return negative ? -number : number;
        }
        return Double.parseDouble(text.substring(start, at));
    }

    /** Passes over a value of any kind. */
    void skip() {
        skip(1);
    }

    private void skip(int depth) {
        switch (kind()) {
            case STRING -> string();
            case TRUE -> word("true");
            case FALSE -> word("false");
            case NULL -> word("null");
            case NUMBER -> number();
            case ARRAY -> skipMembers(depth + 1, ']');
            case OBJECT -> skipMembers(depth + 1, '}');
        }
    }

    private void skipMembers(int depth, char end) {
        if (depth > MAX_DEPTH) {
            throw new BadMessage("nested too deeply");
        }
        at++;
        if (skipSpace() == end) {
            at++;
            return;
        }
        while (true) {
            if (end == '}') {
                name(current());
            }
            skip(depth);
            if (skipSpace() == end) {
                at++;
                return;
            }
            expect(',');
            skipSpace();
        }
    }

    private String name(char c) {
        if (c != '"') {
            throw notJson();
        }
        String name = string();
        skipSpace();
        expect(':');
        skipSpace();
        return name;
    }

    /**
     * Reads at least one digit.
     *
     * @param whole whether they are the ones before the point, where a leading zero stands alone
     * @return the digits behind those before, or anything from {@link #EXACT} on when there are too many
     */
    private long digits(long before, boolean whole) {
        int start = at;
        long digits = before;
        while (true) {
            int digit = (at < text.length() ? text.charAt(at) : ' ') - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            digits = digits < EXACT ? digits * 10 + digit : digits;
            at++;
        }
        if (at == start) {
            throw notJson();
        }
        if (whole && at - start > 1 && text.charAt(start) == '0') {
            at = start + 1;
            throw notJson();
        }
        return digits;
    }

    private String unescape(int start) {
        StringBuilder string = new StringBuilder(at - start + 16).append(text, start, at);
        while (true) {
            char c = current();
            at++;
            if (c == '"') {
                // Legal JSON (RFC 8259, 8.2), but no text: nobody could encode it again for the family.
                if (string.codePoints().anyMatch(JsonCursor::isHalf)) {
                    throw new BadMessage("not Unicode: half of a character before character " + at);
                }
                return string.toString();
            }
            if (c < ' ') {
                at--;
                throw notJson();
            }
            string.append(c == '\\' ? escaped() : c);
        }
    }

    private static boolean isHalf(int codePoint) {
        return Character.getType(codePoint) == Character.SURROGATE;
    }

    private char escaped() {
        char c = current();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++, at++) {
                    int digit = hexDigit(current());
                    if (digit < 0) {
                        throw notJson();
                    }
                    code = code << 4 | digit;
                }
                yield (char) code;
            }
            default -> {
                at--;
                throw notJson();
            }
        };
    }

    /** Not {@link Character#digit}, which knows the digits of every script. */
    private static int hexDigit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private void word(String word) {
        if (!text.startsWith(word, at)) {
            throw notJson();
        }
        at += word.length();
    }

    private void expect(char wanted) {
        if (current() != wanted) {
            throw notJson();
        }
        at++;
    }

    private String end() {
        at++;
        inside = false;
        while (at < text.length()) {
            if (!isSpace(text.charAt(at++))) {
                throw notOneObject();
            }
        }
        return null;
    }

    private char skipSpace() {
        while (isSpace(current())) {
            at++;
        }
        return text.charAt(at);
    }

    private char current() {
        if (at >= text.length()) {
            throw notOneObject();
        }
        return text.charAt(at);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private static BadMessage notOneObject() {
        return new BadMessage("expected one JSON object");
    }

    private BadMessage notJson() {
        return new BadMessage("not JSON: look at character " + at);
    }
}
