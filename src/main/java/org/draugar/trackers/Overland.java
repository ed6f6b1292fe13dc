package org.draugar.trackers;

import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;
import org.draugar.formats.Details;
import org.draugar.formats.JsonTree;
import org.draugar.location.Times;

/**
 * Reads what Overland sends (github.com/aaronpk/Overland-iOS): GeoJSON features (RFC 7946), in m/s and metres. What the
 * phone does not know is -1. While much waits, {@code current} says where the phone is now; the same comes again in a
 * later batch. Between the positions it notes what it did itself ({@code action}), with the place that it knew last and
 * the time of the note, and where it was for a while ({@code visit}), often when that is over.
 */
final class Overland {
    private static final Set<String> NAMES = Set.of(
            "locations",
            "features",
            "current",
            "geometry",
            "coordinates",
            "properties",
            "type",
            "action",
            "arrival_date",
            "departure_date",
            "timestamp",
            "altitude",
            "speed",
            "course",
            "horizontal_accuracy",
            "motion",
            "battery_state",
            "battery_level",
            "alarm");

    private Overland() {}

    static ParsedRequest read(TrackerRequest message) {
        ParsedRequest reading = new ParsedRequest();
        try {
            JsonTree tree = message.json(NAMES);
            boolean known = features(reading, tree.get("locations"));
            known |= features(reading, tree.get("features"));
            known |= features(reading, tree.get("current"));
            // A feature by itself, or an array of them.
            known |= features(reading, tree);
            if (!known) {
                reading.unknown("locations: expected an array of GeoJSON features");
            }
        } catch (IllegalArgumentException e) {
            reading.unknown(e.getMessage());
        }
        return reading;
    }

    /** @return whether it holds features, or is an empty array of them */
    private static boolean features(ParsedRequest reading, JsonTree tree) {
        if (!tree.get("geometry").isMissing() || !tree.get("properties").isMissing()) {
            feature(reading, tree);
            return true;
        }
        boolean known = tree.isEmptyArray();
        boolean others = false;
        for (JsonTree element : tree.elements()) {
            boolean found = !element.members().isEmpty() && features(reading, element);
            known |= found;
            others |= !found;
        }
        if (known && others) {
            reading.passedOver();
        }
        return known;
    }

    private static void feature(ParsedRequest reading, JsonTree feature) {
        JsonTree coordinates = feature.get("geometry", "coordinates");
        JsonTree properties = feature.get("properties");
        Details details = new Details(
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
                properties.get("alarm").text());
        String action = properties.get("action").text();
        boolean visit = "visit".equals(action);
        boolean note = action != null && !visit
                || "trip".equals(properties.get("type").text())
                || (coordinates.isMissing()
                        && properties.get("horizontal_accuracy").isMissing());
        Instant time = visit
                ? visited(properties)
                : Times.read(properties.get("timestamp").text());
        boolean pair = coordinates.elements().size() >= 2;
        Double latitude = pair ? coordinates.elements().get(1).number() : null;
        Double longitude = pair ? coordinates.elements().get(0).number() : null;
        if (!note && (!visit || time != null)) {
            reading.position(latitude, longitude, time, details);
            return;
        }
        // What the app did, such as that it was started, or a trip that ended: nobody was measured there at that time.
        reading.power(details.battery(), details.charging());
        String alarm = Details.alarm(details.alarm());
        if (alarm != null) {
            reading.alarm(alarm, Times.read(properties.get("timestamp").text()), null);
        }
    }

    /** The last moment at which the phone is known to have been there; null when that is none in the past. */
    private static Instant visited(JsonTree properties) {
        Instant now = Instant.now();
        return Stream.of("departure_date", "arrival_date")
                .map(name -> Times.read(properties.get(name).text()))
                .filter(at -> at != null && Times.fault(at, now) == null)
                .findFirst()
                .orElse(null);
    }

    private static Boolean charging(String state) {
        return switch (state == null ? "" : state) {
            case "charging", "full" -> true;
            case "unplugged" -> false;
            default -> null;
        };
    }
}
