package org.draugar.formats;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParser.Event;
import jakarta.json.stream.JsonParserFactory;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.draugar.formats.ImportStream.Broken;

/** Walks through a JSON file of any size, and turns one small piece after the other into a tree. */
final class JsonElements {
    /** One more than files may have: all that is in them is made an array. */
    private static final int MAX_DEPTH = 65;

    private static final int MAX_VALUES = 100_000;

    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    private final ImportStream in;
    private final JsonParser parser;
    private final Set<String> names;
    private final int mostText;
    private Event event;
    private int depth;
    private int values;

    /**
     * @param names of members to keep; all others are passed over
     * @param mostText characters of a text worth keeping
     */
    JsonElements(ImportStream in, Reader text, Set<String> names, int mostText) {
        this.in = in;
        this.parser = PARSERS.createParser(text);
        this.names = names;
        this.mostText = mostText;
    }

    /**
     * Goes one event further.
     *
     * @throws Broken when there is none
     */
    Event next() throws IOException {
        try {
            event = parser.next();
        } catch (JsonException | NoSuchElementException | IllegalStateException e) {
            in.throwFailure();
            throw new Broken("the rest of the file: it is not JSON, or cut off");
        }
        in.valueEnded();
        switch (event) {
            case START_OBJECT, START_ARRAY -> {
                if (++depth > MAX_DEPTH) {
                    throw new Broken("the rest of the file: it is nested deeper than " + (MAX_DEPTH - 1) + " levels");
                }
            }
            case END_OBJECT, END_ARRAY -> depth--;
            default -> {}
        }
        return event;
    }

    /** What was just come to. */
    Event event() {
        return event;
    }

    /** The name or the string just come to. */
    String text() {
        return parser.getString();
    }

    /** Passes over the rest of the value that was just come to. */
    void skip() throws IOException {
        if (event == Event.START_OBJECT || event == Event.START_ARRAY) {
            int outside = depth - 1;
            while (depth > outside) {
                next();
            }
        }
    }

    /**
     * The value that was just come to, without names unknown, and without texts too long to be of use.
     *
     * @throws Broken when it is too large
     */
    JsonTree tree() throws IOException {
        values = 0;
        return value();
    }

    private JsonTree value() throws IOException {
        if (++values > MAX_VALUES) {
            throw new Broken("the rest of the file: an entry has more than " + MAX_VALUES + " values");
        }
        return switch (event) {
            case START_OBJECT -> {
                Map<String, JsonTree> members = new HashMap<>();
                while (next() == Event.KEY_NAME) {
                    String name = parser.getString();
                    next();
                    if (names.contains(name)) {
                        members.put(name, value());
                    } else {
                        skip();
                    }
                }
                yield new JsonTree(null, members, List.of());
            }
            case START_ARRAY -> {
                List<JsonTree> elements = new ArrayList<>();
                while (next() != Event.END_ARRAY) {
                    elements.add(value());
                }
                yield elements.isEmpty() ? JsonTree.NO_ELEMENTS : new JsonTree(null, Map.of(), elements);
            }
            // Not getBigDecimal: it takes quadratic time on a long run of digits.
            case VALUE_STRING, VALUE_NUMBER -> {
                String text = parser.getString();
                yield text.length() > mostText ? JsonTree.NONE : new JsonTree(text, Map.of(), List.of());
            }
            case VALUE_TRUE -> new JsonTree("true", Map.of(), List.of());
            case VALUE_FALSE -> new JsonTree("false", Map.of(), List.of());
            default -> JsonTree.NONE;
        };
    }
}
