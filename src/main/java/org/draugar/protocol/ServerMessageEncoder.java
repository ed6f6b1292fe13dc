package org.draugar.protocol;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.websocket.Encoder;
import org.draugar.delivery.Envelope;
import org.draugar.delivery.Framing;

/** Writes server messages as JSON, by JSON-B. Thread-safe. */
public class ServerMessageEncoder implements Encoder.Text<ServerMessage> {

    /**
     * The native wire format: one object with the event's name in {@code type}, and its place in {@code offset} where a
     * client may come back with it.
     */
    public static final Framing NATIVE = ServerMessageEncoder::frame;

    private static final Jsonb JSON = JsonbBuilder.create();

    /** The message's members alone, a JSON object: each wire format says in its own way which event it is. */
    static String payload(ServerMessage message) {
        return JSON.toJson(message);
    }

    private static String frame(Envelope envelope) {
        return frame(envelope.type(), envelope.forSubscribers() ? envelope.offset() : 0, envelope.payload());
    }

    private static String frame(String type, long offset, String payload) {
        StringBuilder frame = new StringBuilder(payload.length() + 64)
                .append("{\"type\":\"")
                .append(type)
                .append('"');
        if (offset != 0) {
            frame.append(",\"offset\":").append(offset);
        }
        return payload.equals("{}")
                ? frame.append('}').toString()
                : frame.append(',').append(payload, 1, payload.length()).toString();
    }

    @Override
    public String encode(ServerMessage message) {
        return frame(message.type(), 0, payload(message));
    }
}
