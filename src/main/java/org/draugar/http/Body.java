package org.draugar.http;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads request bodies. Resources take the raw stream and come here, so that size, depth and wording of errors are the
 * same on every server, whatever its JAX-RS does.
 */
public final class Body {
    /** Most bytes of an ordinary request. */
    public static final int MOST_BYTES = 4096;

    private static final Jsonb JSON = JsonbBuilder.create();

    private Body() {}

    /**
     * Reads a JSON object into a record.
     *
     * @throws Problem 400 when it is none of the expected shape, 413 when it is too big
     */
    public static <T> T read(InputStream body, Class<T> shape) {
        return readOrEmpty(body, shape).orElseThrow(() -> new Problem(400, "Expected a JSON object"));
    }

    /** Reads a JSON object that may be left out. */
    public static <T> Optional<T> readOrEmpty(InputStream body, Class<T> shape) {
        String text = text(body, MOST_BYTES);
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.fromJson(JsonText.requireOneObject(text), shape));
        } catch (JsonbException | IllegalArgumentException e) {
            throw new Problem(400, "Expected a JSON object: " + fields(shape));
        }
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
            fields.append(fields.length() > 1 ? ", " : "").append(component.getName());
        }
        return fields.append('}').toString();
    }
}
