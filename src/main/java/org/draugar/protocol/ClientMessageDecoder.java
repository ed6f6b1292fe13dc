package org.draugar.protocol;

import jakarta.json.JsonValue.ValueType;
import jakarta.websocket.DecodeException;
import jakarta.websocket.Decoder;
import java.time.DateTimeException;
import java.time.Instant;
import org.draugar.location.Encrypted;
import org.draugar.location.Fix;
import org.draugar.location.Report;
import org.draugar.location.Times;
import org.draugar.protocol.ClientMessage.LocationSubscribe;
import org.draugar.protocol.ClientMessage.LocationUnsubscribe;
import org.draugar.protocol.ClientMessage.LocationUpdate;
import org.draugar.protocol.ClientMessage.Ping;

/**
 * Reads client messages in one pass over the text, straight into the message: members that the contract does not know
 * are passed over. Stricter than JSON-B's binding, which takes text for numbers, 1e400
 * for infinity, and the last of two members of one name. Thread-safe.
 */
public class ClientMessageDecoder implements Decoder.Text<ClientMessage> {
    /** {@inheritDoc} The exception's message says what is wrong, for people. */
    @Override
    public ClientMessage decode(String text) throws DecodeException {
        return decode(text, null);
    }

    /**
     * Reads a report where nothing else is expected, so that {@code type} may be left out.
     *
     * @throws DecodeException saying what is wrong, for people
     */
    public LocationUpdate decodeUpdate(String text) throws DecodeException {
        if (decode(text, "location:update") instanceof LocationUpdate update) {
            return update;
        }
        throw new DecodeException(text, "type: expected location:update, or none");
    }

    private static ClientMessage decode(String text, String defaultType) throws DecodeException {
        try {
            return new Members(new JsonCursor(text)).message(defaultType);
        } catch (BadMessage e) {
            throw new DecodeException(text, e.getMessage());
        }
    }

    /** Left to {@link #decode}, which can say what is wrong. */
    @Override
    public boolean willDecode(String text) {
        return true;
    }

    /** The members of one message as they come by. */
    private static final class Members {
        private static final int MAX_ID = 64;
        private static final int MAX_WORD = 32;

        private final JsonCursor json;
        private String name;

        private String type;
        private String id;
        private Double latitude;
        private Double longitude;
        private Double accuracy;
        private String timestamp;
        private Double altitude;
        private Double speed;
        private Double bearing;
        private Double battery;
        private Boolean charging;
        private String activity;
        private String alarm;
        private Double since;
        private Double v;
        private String n;
        private String c;

        Members(JsonCursor json) {
            this.json = json;
        }

        ClientMessage message(String defaultType) {
            while ((name = json.nextName()) != null) {
                read();
            }
            if (type == null) {
                type = defaultType;
            }
            return switch (type == null ? "" : type) {
                case "location:update" -> new LocationUpdate(id, report());
                case "location:subscribe" -> new LocationSubscribe(since == null ? null : offset());
                case "location:unsubscribe" -> new LocationUnsubscribe();
                case "ping" -> new Ping();
                default ->
                    throw new BadMessage(
                            "type: expected location:update, location:subscribe, location:unsubscribe or ping");
            };
        }

        private void read() {
            switch (name) {
                case "type" -> type = text(type, MAX_ID);
                case "id" -> id = text(id, MAX_ID);
                case "latitude" -> latitude = number(latitude);
                case "longitude" -> longitude = number(longitude);
                case "accuracy" -> accuracy = number(accuracy);
                case "timestamp" -> timestamp = text(timestamp, MAX_ID);
                case "altitude" -> altitude = number(altitude);
                case "speed" -> speed = number(speed);
                case "bearing" -> bearing = number(bearing);
                case "battery" -> battery = number(battery);
                case "charging" -> charging = flag(charging);
                case "activity" -> activity = text(activity, MAX_WORD);
                case "alarm" -> alarm = text(alarm, MAX_WORD);
                case "since" -> since = number(since);
                case "v" -> v = number(v);
                case "n" -> n = text(n, MAX_ID);
                case "c" -> c = text(c, Integer.MAX_VALUE);
                default -> json.skip();
            }
        }

        private Report report() {
            if (v != null || n != null || c != null) {
                if (v == null || (v != Encrypted.DRAUGAR && v != Encrypted.OWNTRACKS) || !Encrypted.isPayload(n, c)) {
                    throw new BadMessage("encrypted payload: expected v 1 or 2, and n (24 bytes) and c in base64url");
                }
                return new Encrypted(v.intValue(), n, c, timestamp == null ? null : time());
            }
            return new Fix(
                    required("latitude", latitude),
                    required("longitude", longitude),
                    time(),
                    accuracy,
                    altitude,
                    speed,
                    bearing,
                    battery,
                    charging,
                    activity,
                    alarm);
        }

        private static double required(String name, Double value) {
            if (value == null) {
                throw new BadMessage(name + ": expected degrees as a number, but it is missing");
            }
            return value;
        }

        private Instant time() {
            Instant at = timestamp == null ? null : read(timestamp);
            if (at != null) {
                return Times.corrected(at, Instant.now());
            }
            throw new BadMessage("timestamp: expected ISO 8601 with a zone, such as 2026-11-23T08:00:00.000Z");
        }

        private static Instant read(String text) {
            try {
                return Timestamps.parse(text);
            } catch (DateTimeException e) {
                return Times.readWithZone(text);
            }
        }

        private long offset() {
            if (since != Math.rint(since) || since < 0 || since > 1L << 53) {
                throw new BadMessage("since: expected the offset of an event");
            }
            return since.longValue();
        }

        private String text(String before, int most) {
            once(before);
            ValueType kind = json.kind();
            if (kind == ValueType.NULL) {
                json.skip();
                return null;
            }
            if (kind != ValueType.STRING) {
                throw new BadMessage(name + ": expected text");
            }
            String text = json.string();
            if (text.length() > most) {
                throw new BadMessage(name + ": expected at most " + most + " characters");
            }
            return text;
        }

        private Double number(Double before) {
            once(before);
            ValueType kind = json.kind();
            if (kind == ValueType.NULL) {
                json.skip();
                return null;
            }
            if (kind != ValueType.NUMBER) {
                throw new BadMessage(name + ": expected a number");
            }
            double number = json.number();
            if (!Double.isFinite(number)) {
                throw new BadMessage(name + ": expected a finite number");
            }
            return number;
        }

        private Boolean flag(Boolean before) {
            once(before);
            ValueType kind = json.kind();
            if (kind != ValueType.TRUE && kind != ValueType.FALSE && kind != ValueType.NULL) {
                throw new BadMessage(name + ": expected true or false");
            }
            json.skip();
            return kind == ValueType.NULL ? null : kind == ValueType.TRUE;
        }

        private void once(Object before) {
            if (before != null) {
                throw new BadMessage(name + ": is there twice");
            }
        }
    }
}
