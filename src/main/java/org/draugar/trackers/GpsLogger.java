package org.draugar.trackers;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.draugar.formats.Details;
import org.draugar.formats.JsonTree;
import org.draugar.location.Times;

/**
 * Reads what GPSLogger sends (gpslogger.app): the parameters of a query or a form, or a flat JSON object, under the names
 * that {@code %ALL} gives them and those that its examples do. In metres, m/s and percent.
 */
final class GpsLogger {
    private static final Set<String> NAMES = Set.of(
            "lat",
            "latitude",
            "lon",
            "lng",
            "longitude",
            "timestamp",
            "time",
            "acc",
            "accuracy",
            "alt",
            "altitude",
            "spd",
            "speed",
            "s",
            "spd_kph",
            "dir",
            "direction",
            "bearing",
            "batt",
            "battery",
            "ischarging",
            "act",
            "activity",
            "alarm",
            "long");

    private static final String[] LATITUDES = {"lat", "latitude"};
    private static final String[] LONGITUDES = {"lon", "lng", "long", "longitude"};

    private GpsLogger() {}

    static ParsedRequest read(TrackerRequest message) {
        Map<String, String> parameters = message.parameters();
        ParsedRequest reading = new ParsedRequest();
        List<JsonTree> points = List.of();
        if (message.isJson()) {
            try {
                JsonTree tree = message.json(NAMES);
                points = tree.elements().isEmpty() ? List.of(tree) : tree.elements();
            } catch (IllegalArgumentException e) {
                // What the query says counts nevertheless.
                reading.unknown(e.getMessage());
            }
        }
        if (!points.isEmpty()) {
            points.forEach(point -> position(reading, with(parameters, point)));
        } else if (parameters.isEmpty() && message.text().isEmpty()) {
            reading.unknown("The message is empty: expected %ALL in the URL or in the body");
        } else {
            position(reading, parameters);
        }
        return reading;
    }

    /** What the query says, and what the body does. */
    private static Map<String, String> with(Map<String, String> parameters, JsonTree point) {
        Map<String, String> all = new HashMap<>(parameters);
        NAMES.forEach(name -> {
            String text = point.get(name).text();
            if (text != null) {
                all.putIfAbsent(name, text);
            }
        });
        return all;
    }

    private static void position(ParsedRequest reading, Map<String, String> parameters) {
        String alarm = Details.alarm(parameters.get("alarm"));
        if (alarm == null && any(parameters, LATITUDES) == null && any(parameters, LONGITUDES) == null) {
            reading.unknown("lat and lon: expected degrees as numbers, but they are missing");
            return;
        }
        Double speed = number(parameters, "spd", "speed", "s");
        List<String> times = Stream.of("timestamp", "time")
                .map(parameters::get)
                .filter(text -> text != null && !text.isEmpty())
                .toList();
        reading.position(
                number(parameters, LATITUDES),
                number(parameters, LONGITUDES),
                Times.best(times, Instant.now()),
                new Details(
                        number(parameters, "acc", "accuracy"),
                        number(parameters, "alt", "altitude"),
                        speed == null ? OwnTracks.times(number(parameters, "spd_kph"), 1 / 3.6) : speed,
                        number(parameters, "dir", "direction", "bearing"),
                        OwnTracks.times(number(parameters, "batt", "battery"), 0.01),
                        Details.flag(any(parameters, "ischarging")),
                        any(parameters, "act", "activity"),
                        alarm));
    }

    private static Double number(Map<String, String> parameters, String... names) {
        return Details.number(any(parameters, names));
    }

    private static String any(Map<String, String> parameters, String... names) {
        for (String name : names) {
            String value = parameters.get(name);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return null;
    }
}
