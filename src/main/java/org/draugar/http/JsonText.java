package org.draugar.http;

import java.util.ArrayList;
import java.util.List;

/**
 * A first look at JSON that a peer sent, before a JSON-B binder sees it: binders recurse into nested values (900 levels
 * overflow the stack) and stop reading after the first value, whatever follows. This does neither.
 */
public final class JsonText {
    /** Deepest nesting of any message of the contract, and one more for members that we do not know. */
    private static final int MAX_DEPTH = 3;

    private JsonText() {}

    /**
     * Checks that the text is one JSON object, not nested too deeply, with nothing after it.
     *
     * @return the text
     * @throws IllegalArgumentException saying what is wrong
     */
    public static String requireOneObject(String text) {
        int depth = 0;
        boolean inString = false;
        int end = -1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inString) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inString = false;
                }
                continue;
            }
            switch (c) {
                case ' ', '\t', '\n', '\r' -> {}
                case '{', '[' -> {
                    if (end >= 0 || (depth == 0 && c == '[')) {
                        throw new IllegalArgumentException("expected one JSON object");
                    }
                    if (++depth > MAX_DEPTH) {
                        throw new IllegalArgumentException("nested too deeply");
                    }
                }
                case '}', ']' -> {
                    if (--depth == 0) {
                        end = i;
                    }
                    if (depth < 0) {
                        throw new IllegalArgumentException("expected one JSON object");
                    }
                }
                default -> {
                    if (depth == 0) {
                        throw new IllegalArgumentException("expected one JSON object");
                    }
                    inString = c == '"';
                }
            }
        }
        if (end < 0) {
            throw new IllegalArgumentException("expected one JSON object");
        }
        return text;
    }

    /**
     * Cuts an array into the texts of its elements, without reading them: each is judged on its own.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public static List<String> elements(String array) {
        return elements(array, Integer.MAX_VALUE);
    }

    /** The same for at most so many elements. */
    public static List<String> elements(String array, int most) {
        String text = array.strip();
        if (!text.startsWith("[") || !text.endsWith("]")) {
            throw new IllegalArgumentException("expected one JSON array");
        }
        List<String> elements = new ArrayList<>();
        int depth = 0;
        boolean inString = false;
        int start = 1;
        for (int i = 1; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (inString) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inString = false;
                }
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            } else if (c == ',' && depth == 0) {
                elements.add(text.substring(start, i));
                start = i + 1;
                if (elements.size() >= most) {
                    throw new IllegalArgumentException("expected an array of at most " + most);
                }
            }
        }
        if (inString || depth != 0) {
            throw new IllegalArgumentException("expected one JSON array");
        }
        String lastOne = text.substring(start, text.length() - 1);
        if (!elements.isEmpty() || !lastOne.isBlank()) {
            elements.add(lastOne);
        }
        return elements;
    }
}
