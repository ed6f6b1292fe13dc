package org.draugar.protocol;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.websocket.Encoder;
import java.time.Instant;
import org.draugar.protocol.ServerMessage.LocationBroadcast;
import org.draugar.stream.Envelope;
import org.draugar.stream.Framing;

/** Writes server messages as JSON. Thread-safe. */
public class ServerMessageEncoder implements Encoder.Text<ServerMessage> {

    /**
     * The native wire format: one object with the event's name in {@code type}, and its place in {@code offset} where a
     * client may come back with it.
     */
    public static final Framing NATIVE = ServerMessageEncoder::frame;

    private static final Jsonb JSON = JsonbBuilder.create();

    /** The message's members alone, a JSON object: each wire format says in its own way which event it is. */
    static String payload(ServerMessage message) {
        return message instanceof LocationBroadcast position ? payload(position) : JSON.toJson(message);
    }

    /** By hand, without reflection, as nearly all messages are of this kind. */
    private static String payload(LocationBroadcast position) {
        return new JsonMembers()
                .add("userId", position.userId())
                .add("name", position.name())
                .add("latitude", position.latitude())
                .add("longitude", position.longitude())
                .add("timestamp", position.timestamp())
                .add("accuracy", position.accuracy())
                .add("altitude", position.altitude())
                .add("speed", position.speed())
                .add("bearing", position.bearing())
                .add("battery", position.battery())
                .add("charging", position.charging())
                .add("activity", position.activity())
                .add("alarm", position.alarm())
                .toString();
    }

    /** Writes a JSON object; a member that is null is left out. */
    private static final class JsonMembers {
        private final StringBuilder json = new StringBuilder(256).append('{');

        JsonMembers add(String name, Object value) {
            if (value == null) {
                return this;
            }
            json.append(json.length() == 1 ? "\"" : ",\"").append(name).append("\":");
            if (value instanceof String text) {
                quote(text);
            } else if (value instanceof Instant moment) {
                Timestamps.append(json.append('"'), moment);
                json.append('"');
            } else {
                json.append(value);
            }
            return this;
        }

        /** RFC 8259, 7. */
        private void quote(String text) {
            json.append('"');
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '"' || c == '\\') {
                    json.append('\\').append(c);
                } else if (c < ' ') {
                    json.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
                } else {
                    json.append(c);
                }
            }
            json.append('"');
        }

        @Override
        public String toString() {
            return json.append('}').toString();
        }
    }

    private static String frame(Envelope envelope) {
        return frame(envelope.type(), envelope.isShared() ? envelope.offset() : 0, envelope.payload());
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
