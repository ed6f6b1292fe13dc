package org.draugar.trackers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.draugar.formats.Details;
import org.draugar.formats.JsonTree;

/**
 * Reads what Traccar Client and the many others send that speak OsmAnd's protocol (traccar.org/osmand): the parameters of
 * a query or a form, with the speed in knots; or, from version 9 of Traccar Client on, JSON with the speed in m/s. The
 * protocol knows no credentials, so the identifier is the secret.
 */
final class OsmAnd {
    private static final Set<String> NAMES = Set.of(
            "device_id",
            "id",
            "deviceid",
            "lat",
            "lon",
            "bearing",
            "batt",
            "charge",
            "valid",
            "location",
            "timestamp",
            "coords",
            "latitude",
            "longitude",
            "accuracy",
            "speed",
            "heading",
            "altitude",
            "battery",
            "level",
            "is_charging",
            "activity",
            "type",
            "alarm",
            "extras");

    private static final double KNOTS = 1852.0 / 3600;

    private OsmAnd() {}

    /** The identifier, wherever it stands. */
    static Optional<String> secret(Message message) {
        Map<String, String> parameters = message.parameters();
        String id = parameters.getOrDefault("id", parameters.get("deviceid"));
        if (id == null && message.isJson()) {
            id = locations(message).map(OsmAnd::id).orElse(null);
        }
        return Optional.ofNullable(id);
    }

    /** Of an array, that of the first: each has the same. */
    private static String id(JsonTree tree) {
        JsonTree first = tree.elements().isEmpty() ? tree : tree.elements().get(0);
        return Stream.of(first.get("device_id"), first.get("id"), first.get("deviceid"))
                .map(JsonTree::text)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static Optional<JsonTree> locations(Message message) {
        try {
            return Optional.of(message.json(NAMES));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static Reading read(Message message) {
        Reading reading = new Reading();
        if (message.isJson()) {
            JsonTree tree = message.json(NAMES);
            List<JsonTree> entries = tree.elements().isEmpty() ? List.of(tree) : tree.elements();
            entries.forEach(entry -> json(reading, entry));
        } else {
            parameters(reading, message.parameters());
        }
        return reading;
    }

    private static void json(Reading reading, JsonTree entry) {
        JsonTree wrapped = entry.get("location");
        JsonTree location = wrapped.get("coords").isMissing() ? entry : wrapped;
        JsonTree coords = location.get("coords");
        if (coords.isMissing()) {
            parameters(reading, texts(entry));
            return;
        }
        JsonTree battery = location.get("battery");
        JsonTree activity = location.get("activity");
        String alarm = location.get("alarm").text();
        reading.position(
                coords.get("latitude").number(),
                coords.get("longitude").number(),
                Times.read(location.get("timestamp").text()),
                new Details(
                        coords.get("accuracy").number(),
                        coords.get("altitude").number(),
                        coords.get("speed").number(),
                        coords.get("heading").number(),
                        battery.get("level").number(),
                        Details.flag(battery.get("is_charging").text()),
                        activity.get("type").text(),
                        alarm == null ? location.get("extras", "alarm").text() : alarm));
    }

    /** Of an object without parts, what a query would say. */
    private static Map<String, String> texts(JsonTree entry) {
        Map<String, String> texts = new HashMap<>();
        entry.members().forEach((name, value) -> {
            if (value.text() != null) {
                texts.put(name, value.text());
            }
        });
        return texts;
    }

    private static void parameters(Reading reading, Map<String, String> parameters) {
        Double battery = OwnTracks.times(number(parameters, "batt"), 0.01);
        Boolean charging = flag(parameters.get("charge"));
        String[] pair = parameters.getOrDefault("location", "").split(",", -1);
        Double latitude = pair.length == 2 ? Details.number(pair[0].strip()) : number(parameters, "lat");
        Double longitude = pair.length == 2 ? Details.number(pair[1].strip()) : number(parameters, "lon");
        boolean invalid = Boolean.FALSE.equals(flag(parameters.get("valid")));
        boolean tellsPlace = parameters.containsKey("location") || parameters.containsKey("lat");
        if (invalid || !tellsPlace) {
            // No position: how the battery is, what radio stations it hears, or where it wants to be pushed to.
            reading.power(battery, charging);
            return;
        }
        String bearing = parameters.containsKey("bearing") ? "bearing" : "heading";
        String time = parameters.get("timestamp");
        reading.position(
                latitude,
                longitude,
                time == null
                        ? java.time.Instant.now().truncatedTo(java.time.temporal.ChronoUnit.MILLIS)
                        : Times.read(time),
                new Details(
                        number(parameters, "accuracy"),
                        number(parameters, "altitude"),
                        OwnTracks.times(number(parameters, "speed"), KNOTS),
                        number(parameters, bearing),
                        battery,
                        charging,
                        parameters.get("activity"),
                        parameters.get("alarm")));
    }

    private static Double number(Map<String, String> parameters, String name) {
        return Details.number(parameters.get(name));
    }

    private static Boolean flag(String text) {
        return "1".equals(text) ? Boolean.TRUE : "0".equals(text) ? Boolean.FALSE : Details.flag(text);
    }
}
