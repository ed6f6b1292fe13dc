package org.draugar.client;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.time.Instant;

/**
 * Where a device is.
 *
 * @param latitude degrees, WGS 84, -90 to 90
 * @param longitude degrees, WGS 84, -180 to 180
 * @param timestamp when it was measured
 * @param accuracy radius in metres, or null
 * @param altitude metres above the ellipsoid, or null
 * @param speed metres a second, or null
 * @param bearing degrees clockwise from true north, 0 to 360, or null
 * @param battery 0 to 1, or null
 * @param charging whether the battery is being charged, or null
 * @param activity what the device believes its owner does, such as {@code walking}, or null
 */
public record Position(
        double latitude,
        double longitude,
        Instant timestamp,
        Double accuracy,
        Double altitude,
        Double speed,
        Double bearing,
        Double battery,
        Boolean charging,
        String activity) {

    /** A position of which nothing more is known. */
    public static Position of(double latitude, double longitude, Instant timestamp) {
        return new Position(latitude, longitude, timestamp, null, null, null, null, null, null, null);
    }

    /** The message {@code location:update} with an id. */
    JsonObject message(String id) {
        JsonObjectBuilder message = Json.createObjectBuilder()
                .add("type", "location:update")
                .add("id", id)
                .add("latitude", latitude)
                .add("longitude", longitude)
                .add("timestamp", timestamp.toString());
        add(message, "accuracy", accuracy);
        add(message, "altitude", altitude);
        add(message, "speed", speed);
        add(message, "bearing", bearing);
        add(message, "battery", battery);
        if (charging != null) {
            message.add("charging", charging);
        }
        if (activity != null) {
            message.add("activity", activity);
        }
        return message.build();
    }

    /** Reads such a message again. */
    static Position of(JsonObject message) {
        return new Position(
                message.getJsonNumber("latitude").doubleValue(),
                message.getJsonNumber("longitude").doubleValue(),
                Instant.parse(message.getString("timestamp")),
                number(message, "accuracy"),
                number(message, "altitude"),
                number(message, "speed"),
                number(message, "bearing"),
                number(message, "battery"),
                message.containsKey("charging") ? message.getBoolean("charging") : null,
                message.getString("activity", null));
    }

    private static Double number(JsonObject message, String name) {
        return message.containsKey(name) ? message.getJsonNumber(name).doubleValue() : null;
    }

    private static void add(JsonObjectBuilder message, String name, Double value) {
        if (value != null) {
            message.add(name, value);
        }
    }
}
