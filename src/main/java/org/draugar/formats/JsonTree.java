package org.draugar.formats;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.draugar.formats.ImportStream.Broken;
import org.draugar.location.Times;

/**
 * A small piece of a JSON file. What is not there is {@link #NONE}, so that one may look further without asking.
 *
 * @param text a string, a number or a truth value, as written, or null
 */
public record JsonTree(String text, Map<String, JsonTree> members, List<JsonTree> elements) {
    public static final JsonTree NONE = new JsonTree(null, Map.of(), List.of());
    static final JsonTree NO_ELEMENTS = new JsonTree(null, Map.of(), List.of());

    /**
     * Reads a small text. Several values that follow one another, such as one on each line, are an array of them.
     *
     * @param names of members to keep; all others are passed over
     * @param mostText characters of a text worth keeping
     * @throws IllegalArgumentException when it is no JSON, cut off, or too large
     */
    public static JsonTree read(String text, Set<String> names, int mostText) {
        // Behind the last value may be what a buffer held of an earlier message.
        String whole = text.substring(0, Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1);
        if (whole.isEmpty()) {
            throw new IllegalArgumentException("not JSON");
        }
        try {
            JsonElements json = new JsonElements(
                    new ImportStream(InputStream.nullInputStream(), bytes -> {}),
                    new Concatenated(new StringReader(whole)),
                    names,
                    mostText);
            json.next();
            JsonTree all = json.tree();
            return all.elements.size() == 1 ? all.elements.get(0) : all;
        } catch (Broken e) {
            throw new IllegalArgumentException("not JSON, or cut off, or nested too deeply", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is empty is not missing. */
    @SuppressWarnings("ReferenceEquality")
    public boolean isMissing() {
        return this == NONE;
    }

    /** Whether it is an array with nothing in it. */
    @SuppressWarnings("ReferenceEquality")
    public boolean isEmptyArray() {
        return this == NO_ELEMENTS;
    }

    /** The member at the end of a path. */
    public JsonTree get(String... path) {
        JsonTree tree = this;
        for (String name : path) {
            tree = tree.members.getOrDefault(name, NONE);
        }
        return tree;
    }

    /** Null when it is none: exports hold numbers as numbers and as text. */
    public Double number() {
        return Details.number(text);
    }

    /** Null when it is none. */
    public Instant time() {
        return Times.read(text);
    }
}
