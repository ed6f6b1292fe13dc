package org.draugar.http;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.bind.annotation.JsonbProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Reads request bodies. Resources take the raw stream and come here, so that size, depth and wording of errors are the
 * same on every server, whatever its JAX-RS does.
 */
public final class Body {
    /** Most bytes of an ordinary request. */
    public static final int MAX_BYTES = 4096;

    private Body() {}

    /**
     * Reads a JSON object into a public record of texts, numbers, flags, lists of whole numbers and other such records;
     * members that it does not have are passed over.
     *
     * @throws Problem 400 when it is none of the expected shape, 413 when it is too big
     */
    public static <T> T read(InputStream body, Class<T> shape) {
        return readOrEmpty(body, shape).orElseThrow(() -> new Problem(400, "Expected a JSON object"));
    }

    /** Reads a JSON object that may be left out. */
    public static <T> Optional<T> readOrEmpty(InputStream body, Class<T> shape) {
        String text = text(body, MAX_BYTES);
        if (text.isBlank()) {
            return Optional.empty();
        }
        try (JsonReader reader = Json.createReader(new StringReader(JsonText.requireOneObject(text)))) {
            return Optional.of(record(reader.readObject(), shape));
        } catch (JsonException | IllegalArgumentException e) {
            throw new Problem(400, "Expected a JSON object: " + fields(shape));
        }
    }

    /** Not by JSON-B, which takes numbers and flags for text, and text for numbers. */
    private static <T> T record(JsonObject object, Class<T> shape) {
        RecordComponent[] components = shape.getRecordComponents();
        try {
            Class<?>[] types = new Class<?>[components.length];
            Object[] values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                String name = name(components[i]);
                values[i] = value(name, object.get(name), types[i]);
            }
            return shape.getConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(shape + " is no public record of texts, numbers and flags", e);
        }
    }

    private static Object value(String name, JsonValue value, Class<?> type) {
        if (value == null || value == JsonValue.NULL) {
            return null;
        }
        if (type == String.class) {
            if (value instanceof JsonString text) {
                return text.getString();
            }
            throw new Problem(400, name + ": expected text");
        }
        if (type == Integer.class) {
            try {
                if (value instanceof JsonNumber number) {
                    return number.intValueExact();
                }
            } catch (ArithmeticException e) {
                // falls through to the message below
            }
            throw new Problem(400, name + ": expected a whole number");
        }
        if (type == Double.class) {
            if (value instanceof JsonNumber number) {
                return number.doubleValue();
            }
            throw new Problem(400, name + ": expected a number");
        }
        if (type == List.class) {
            if (value instanceof JsonArray array) {
                return array.stream()
                        .map(element ->
                                value(name, element == JsonValue.NULL ? JsonValue.TRUE : element, Integer.class))
                        .toList();
            }
            throw new Problem(400, name + ": expected a list of whole numbers");
        }
        if (type == Boolean.class) {
            if (value == JsonValue.TRUE || value == JsonValue.FALSE) {
                return value == JsonValue.TRUE;
            }
            throw new Problem(400, name + ": expected true or false");
        }
        if (type.isRecord()) {
            if (value instanceof JsonObject object) {
                return record(object, type);
            }
            throw new Problem(400, name + ": expected a JSON object");
        }
        throw new IllegalStateException(name + " is a " + type);
    }

    private static String name(RecordComponent component) {
        JsonbProperty other = component.getAccessor().getAnnotation(JsonbProperty.class);
        return other == null ? component.getName() : other.value();
    }

    /** Reads text in UTF-8. */
    public static String text(InputStream body, int mostBytes) {
        try {
            byte[] bytes = body.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw new Problem(413, "The request is too big: at most " + mostBytes + " bytes");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Problem(400, "Expected text in UTF-8");
        } catch (IOException e) {
            throw new Problem(400, "The request ended early");
        }
    }

    private static String fields(Class<?> shape) {
        StringBuilder fields = new StringBuilder("{");
        for (var component : shape.getRecordComponents()) {
            fields.append(fields.length() > 1 ? ", " : "").append(name(component));
        }
        return fields.append('}').toString();
    }
}
