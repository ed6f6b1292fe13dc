package org.draugar.trackers;

import java.util.Set;
import org.draugar.formats.Details;
import org.draugar.formats.JsonTree;

/**
 * Reads what Overland sends (github.com/aaronpk/Overland-iOS): GeoJSON features (RFC 7946), in m/s and metres. What the
 * phone does not know is -1. While much waits, {@code current} says where the phone is now; the same comes again in a
 * later batch.
 */
final class Overland {
    private static final Set<String> NAMES = Set.of(
            "locations",
            "current",
            "geometry",
            "coordinates",
            "properties",
            "timestamp",
            "altitude",
            "speed",
            "course",
            "horizontal_accuracy",
            "motion",
            "battery_state",
            "battery_level");

    private Overland() {}

    static Reading read(Message message) {
        Reading reading = new Reading();
        JsonTree tree = message.json(NAMES);
        JsonTree locations = tree.get("locations");
        if (locations.isMissing()) {
            reading.trouble("locations: expected an array of GeoJSON features");
        }
        locations.elements().forEach(feature -> feature(reading, feature));
        feature(reading, tree.get("current"));
        return reading;
    }

    private static void feature(Reading reading, JsonTree feature) {
        JsonTree coordinates = feature.get("geometry", "coordinates");
        JsonTree properties = feature.get("properties");
        if (coordinates.isMissing() && properties.get("horizontal_accuracy").isMissing()) {
            // A note of the app about itself, such as when it was started.
            return;
        }
        boolean pair = coordinates.elements().size() >= 2;
        reading.position(
                pair ? coordinates.elements().get(1).number() : null,
                pair ? coordinates.elements().get(0).number() : null,
                Times.read(properties.get("timestamp").text()),
                new Details(
                        properties.get("horizontal_accuracy").number(),
                        properties.get("altitude").number(),
                        properties.get("speed").number(),
                        properties.get("course").number(),
                        properties.get("battery_level").number(),
                        charging(properties.get("battery_state").text()),
                        properties.get("motion").elements().stream()
                                .findFirst()
                                .map(JsonTree::text)
                                .orElse(null),
                        null));
    }

    private static Boolean charging(String state) {
        return switch (state == null ? "" : state) {
            case "charging", "full" -> true;
            case "unplugged" -> false;
            default -> null;
        };
    }
}
