package org.draugar.trackers;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.draugar.formats.Details;
import org.draugar.formats.JsonTree;

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
            "activity");

    private GpsLogger() {}

    static Reading read(Message message) {
        Map<String, String> parameters = message.parameters();
        if (message.isJson()) {
            JsonTree tree = message.json(NAMES);
            NAMES.forEach(name -> {
                String text = tree.get(name).text();
                if (text != null) {
                    parameters.putIfAbsent(name, text);
                }
            });
        }
        Reading reading = new Reading();
        if (parameters.isEmpty()) {
            reading.trouble("The message is empty: expected %ALL in the URL or in the body");
            return reading;
        }
        Double speed = number(parameters, "spd", "speed", "s");
        Instant seconds = Times.read(any(parameters, "timestamp"));
        reading.position(
                number(parameters, "lat", "latitude"),
                number(parameters, "lon", "lng", "longitude"),
                seconds == null ? Times.read(any(parameters, "time")) : seconds,
                new Details(
                        number(parameters, "acc", "accuracy"),
                        number(parameters, "alt", "altitude"),
                        speed == null ? OwnTracks.times(number(parameters, "spd_kph"), 1 / 3.6) : speed,
                        number(parameters, "dir", "direction", "bearing"),
                        OwnTracks.times(number(parameters, "batt", "battery"), 0.01),
                        Details.flag(any(parameters, "ischarging")),
                        any(parameters, "act", "activity"),
                        null));
        return reading;
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
