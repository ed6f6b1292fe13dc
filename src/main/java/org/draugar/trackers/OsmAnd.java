package org.draugar.trackers;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.draugar.formats.Coordinates;
import org.draugar.formats.Details;
import org.draugar.formats.JsonTree;
import org.draugar.location.Times;

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
            "locations",
            "lng",
            "long",
            "time",
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
            "charging",
            "cell",
            "wifi",
            "notificationToken",
            "activity",
            "type",
            "alarm",
            "extras");

    static final List<String> LATITUDES = List.of("lat", "latitude");
    static final List<String> LONGITUDES = List.of("lon", "lng", "long", "longitude");
    private static final List<String> TIMES = List.of("timestamp", "time");
    /** Where several locations stand. */
    private static final List<String> WRAPPERS = List.of("location", "locations");
    /** What apps tell apart from positions: their battery, what radio stations they hear, where to push to. */
    private static final Set<String> WITHOUT_PLACE =
            Set.of("batt", "charge", "cell", "wifi", "notificationtoken", "valid", "battery", "is_charging");

    private static final double KNOTS = 1852.0 / 3600;

    private OsmAnd() {}

    /** The identifier, wherever it stands. */
    static Optional<String> secret(TrackerRequest message) {
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

    private static Optional<JsonTree> locations(TrackerRequest message) {
        try {
            return Optional.of(message.json(NAMES));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static ParsedRequest read(TrackerRequest message) {
        ParsedRequest reading = new ParsedRequest();
        Map<String, String> parameters = message.parameters();
        if (!message.isJson()) {
            parameters(reading, parameters);
            return reading;
        }
        try {
            JsonTree tree = message.json(NAMES);
            if (!entry(reading, tree, "")) {
                reading.unknown("location: expected an object with coords, or an array of them");
            }
        } catch (IllegalArgumentException e) {
            reading.unknown(e.getMessage());
        }
        if (tellsPlace(parameters) || parameters.containsKey("alarm")) {
            parameters(reading, parameters);
        }
        return reading;
    }

    /**
     * One location, or several, in whatever they are wrapped.
     *
     * @param alarm of what wraps them
     * @return whether there was anything of a known shape
     */
    private static boolean entry(ParsedRequest reading, JsonTree entry, String alarm) {
        boolean known = false;
        boolean others = false;
        for (JsonTree element : entry.elements()) {
            boolean found = entry(reading, element, alarm);
            known |= found;
            others |= !found;
        }
        if (known && others) {
            reading.passedOver();
        }
        if (!entry.get("coords").isMissing()
                || entry.members().keySet().stream().anyMatch(WRAPPERS::contains)) {
            String own = Details.alarm(entry.get("alarm").text()) == null
                    ? entry.get("extras", "alarm").text()
                    : entry.get("alarm").text();
            String about = Details.alarm(own) == null ? alarm : own;
            if (!entry.get("coords").isMissing()) {
                location(reading, entry, entry.get("coords"), about);
                return true;
            }
            for (String wrapper : WRAPPERS) {
                JsonTree wrapped = entry.get(wrapper);
                if (wrapped.text() != null) {
                    parameters(reading, texts(entry));
                    known = true;
                } else if (wrapped.get("coords").isMissing()
                        && !wrapped.members().isEmpty()) {
                    location(reading, wrapped, wrapped, about);
                    known = true;
                } else {
                    known |= entry(reading, wrapped, about);
                }
            }
            return known;
        }
        if (!entry.members().isEmpty()) {
            Map<String, String> texts = texts(entry);
            if (!alarm.isEmpty()) {
                texts.putIfAbsent("alarm", alarm);
            }
            parameters(reading, texts);
            return true;
        }
        return known;
    }

    private static void location(ParsedRequest reading, JsonTree location, JsonTree coords, String alarm) {
        JsonTree battery = location.get("battery");
        Double level = battery.get("level").number();
        Boolean charging = Details.flag(battery.get("is_charging").text());
        Double latitude = any(coords, LATITUDES);
        Double longitude = any(coords, LONGITUDES);
        Instant time = Times.read(location.get("timestamp").text());
        String own = location.get("alarm").text() == null
                ? location.get("extras", "alarm").text()
                : location.get("alarm").text();
        String about = Details.alarm(own) == null ? alarm : own;
        Details details = new Details(
                coords.get("accuracy").number(),
                coords.get("altitude").number(),
                coords.get("speed").number(),
                coords.get("heading").number(),
                level,
                charging,
                location.get("activity", "type").text(),
                about);
        place(
                reading,
                latitude,
                longitude,
                time,
                details,
                Boolean.FALSE.equals(flag(location.get("valid").text())));
    }

    private static Double any(JsonTree tree, List<String> names) {
        return names.stream()
                .map(name -> tree.get(name).number())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Of an object without parts, what a query would say. */
    private static Map<String, String> texts(JsonTree entry) {
        Map<String, String> texts = new HashMap<>();
        entry.members().forEach((name, value) -> {
            if (value.text() != null) {
                texts.put(name.toLowerCase(Locale.ROOT), value.text());
            }
        });
        return texts;
    }

    private static boolean tellsPlace(Map<String, String> parameters) {
        return parameters.containsKey("location")
                || Stream.concat(LATITUDES.stream(), LONGITUDES.stream()).anyMatch(parameters::containsKey);
    }

    private static void parameters(ParsedRequest reading, Map<String, String> parameters) {
        Double battery = OwnTracks.times(number(parameters, "batt"), 0.01);
        Boolean charging = flag(parameters.get("charge"));
        Coordinates pair = Coordinates.parse(parameters.get("location"));
        Double latitude = pair == null ? any(parameters, LATITUDES) : Double.valueOf(pair.latitude());
        Double longitude = pair == null ? any(parameters, LONGITUDES) : Double.valueOf(pair.longitude());
        String alarm = Details.alarm(parameters.get("alarm"));
        Instant time = time(parameters);
        if (!tellsPlace(parameters)) {
            reading.power(battery, charging);
            if (alarm != null) {
                reading.alarm(alarm, time, null);
            } else if (parameters.keySet().stream().noneMatch(WITHOUT_PLACE::contains)) {
                reading.unknown("lat and lon: expected degrees as numbers, but they are missing");
            }
            return;
        }
        String bearing = parameters.containsKey("bearing") ? "bearing" : "heading";
        Details details = new Details(
                number(parameters, "accuracy"),
                number(parameters, "altitude"),
                OwnTracks.times(number(parameters, "speed"), KNOTS),
                number(parameters, bearing),
                battery,
                charging,
                parameters.get("activity"),
                alarm);
        place(reading, latitude, longitude, time, details, Boolean.FALSE.equals(flag(parameters.get("valid"))));
    }

    /** Takes a position, unless the device itself says that it is none: then how the battery is, and an alarm, count. */
    private static void place(
            ParsedRequest reading, Double latitude, Double longitude, Instant time, Details details, boolean invalid) {
        if (!invalid) {
            reading.position(latitude, longitude, time, details);
            return;
        }
        reading.power(details.battery(), details.charging());
        String alarm = Details.alarm(details.alarm());
        if (alarm != null) {
            Instant at = time == null ? Instant.now() : Times.corrected(time, Instant.now());
            reading.alarm(
                    alarm, time, latitude == null || longitude == null ? null : details.at(latitude, longitude, at));
        }
    }

    /** When it was measured: now, where nothing is said; null when that cannot be read. */
    private static Instant time(Map<String, String> parameters) {
        List<String> texts = TIMES.stream()
                .map(parameters::get)
                .filter(text -> text != null && !text.isEmpty())
                .toList();
        return texts.isEmpty() ? Instant.now().truncatedTo(ChronoUnit.MILLIS) : Times.best(texts, Instant.now());
    }

    private static Double any(Map<String, String> parameters, List<String> names) {
        return names.stream()
                .map(name -> number(parameters, name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static Double number(Map<String, String> parameters, String name) {
        return Details.number(parameters.get(name));
    }

    private static Boolean flag(String text) {
        return "1".equals(text) ? Boolean.TRUE : "0".equals(text) ? Boolean.FALSE : Details.flag(text);
    }
}
