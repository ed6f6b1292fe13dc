package org.draugar.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue.ValueType;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.draugar.http.JsonText;
import org.draugar.support.Extent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCursorTest {
    private static final String SAMPLE =
            """
            {"type":"location:update", "latitude":-64.1466,"longitude":2.19426e1 ,"e":1E-3,"f":0.5e+2,"zero":0,
             "text":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9 Bj\u00f6rn","empty":"","yes":true,"no":false,"nothing":null,
             "list":[1, [], {"a":"b","c":1}],"object":{"d":{}, "g":[true,null]}}
            """;
    private static final String REPLACEMENTS = "{}[]\":,.-+eE0123456789tfnu\\/ \n\t\u0000\u00e9x";

    /** What this test holds the cursor to is the parser that Jakarta EE brings. */
    @Test
    void acceptsAndRefusesWhatTheGrammarDoes() {
        int count = Extent.of("JsonCursorTest: broken messages", 4_000, 20_000);
        Random random = Extent.random("JsonCursorTest");
        int accepted = 0;
        for (int i = 0; i < count; i++) {
            String text = mutate(random, random.nextInt(4));
            Optional<Map<String, Object>> expected = byJsonProcessing(text);
            Optional<Map<String, Object>> found = byCursor(text);
            // Where one name is there twice the last value counts, in both.
            assertThat(found).as(text).isEqualTo(expected);
            accepted += found.isPresent() ? 1 : 0;
        }
        assertThat(accepted).isBetween(count / 10, count - count / 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0.1", "-0.0", "9007199254740991", "9007199254740993", "123456789012345.678", "1e308", "1e-400"})
    @ValueSource(strings = {"179.99999999999997", "0.000000000000001", "4.9e-324", "64.146600", "1e400", "-1e400"})
    void readsTheNearestNumber(String number) {
        JsonCursor cursor = new JsonCursor("{\"a\":" + number + "}");
        cursor.nextName();
        assertThat(cursor.number()).isEqualTo(Double.parseDouble(number));
    }

    @Test
    void refusesHalfOfACharacter() {
        assertThat(byCursor("{\"a\":\"\\ud83d\\ude00\"}")).isEqualTo(Optional.of(Map.of("a", "\ud83d\ude00")));
        assertThatThrownBy(() -> walk("{\"a\":\"\\ude00\"}")).hasMessageStartingWith("not Unicode");
    }

    @Test
    void boundsTheDepthOfWhatItPassesOver() {
        assertThat(byCursor("{\"a\":[[1]]}")).isPresent();
        assertThatThrownBy(() -> walk("{\"a\":[[{}]]}")).hasMessage("nested too deeply");
    }

    private static String mutate(Random random, int times) {
        StringBuilder text = new StringBuilder(SAMPLE);
        for (int i = 0; i < times; i++) {
            int at = random.nextInt(text.length());
            char c = REPLACEMENTS.charAt(random.nextInt(REPLACEMENTS.length()));
            switch (random.nextInt(3)) {
                case 0 -> text.setCharAt(at, c);
                case 1 -> text.insert(at, c);
                default -> text.deleteCharAt(at);
            }
        }
        return text.toString();
    }

    private static Optional<Map<String, Object>> byCursor(String text) {
        try {
            return Optional.of(walk(text));
        } catch (BadMessage e) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> walk(String text) {
        Map<String, Object> members = new LinkedHashMap<>();
        JsonCursor cursor = new JsonCursor(text);
        String name;
        while ((name = cursor.nextName()) != null) {
            ValueType kind = cursor.kind();
            switch (kind) {
                case STRING -> members.put(name, cursor.string());
                // JSON-P knows no -0.
                case NUMBER -> members.put(name, cursor.number() + 0.0);
                default -> {
                    cursor.skip();
                    members.put(name, kind);
                }
            }
        }
        return members;
    }

    private static Optional<Map<String, Object>> byJsonProcessing(String text) {
        // By itself it stops reading where the object ends.
        try (JsonReader reader = Json.createReader(new StringReader(JsonText.requireOneObject(text)))) {
            JsonObject object = reader.readObject();
            Map<String, Object> members = new LinkedHashMap<>();
            object.forEach((name, value) -> members.put(
                    name,
                    value instanceof JsonString string
                            ? string.getString()
                            : value instanceof JsonNumber number
                                    ? Double.valueOf(number.toString())
                                    : value.getValueType()));
            return Optional.of(members);
        } catch (JsonException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
