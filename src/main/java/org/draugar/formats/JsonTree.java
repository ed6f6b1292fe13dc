package org.draugar.formats;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A small piece of a JSON file. What is not there is {@link #NONE}, so that one may look further without asking.
 *
 * @param text a string, a number or a truth value, as written, or null
 */
record JsonTree(String text, Map<String, JsonTree> members, List<JsonTree> elements) {
    static final JsonTree NONE = new JsonTree(null, Map.of(), List.of());

    /** What is empty is not missing. */
    @SuppressWarnings("ReferenceEquality")
    boolean isMissing() {
        return this == NONE;
    }

    /** The member at the end of a path. */
    JsonTree get(String... path) {
        JsonTree tree = this;
        for (String name : path) {
            tree = tree.members.getOrDefault(name, NONE);
        }
        return tree;
    }

    /** Null when it is none: exports hold numbers as numbers and as text. */
    Double number() {
        return Tally.number(text);
    }

    /** Null when it is none: a time in ISO 8601. */
    Instant time() {
        try {
            return text == null ? null : Iso8601.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
