package org.draugar.trackers;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.draugar.family.Name;
import org.draugar.formats.Details;
import org.draugar.formats.JsonTree;
import org.draugar.http.Problem;
import org.draugar.location.Encrypted;
import org.draugar.location.Times;

/**
 * Reads OwnTracks messages (owntracks.org/booklet/tech/json): one JSON object, {@code _type} says of what kind. The
 * sender is known by the credential; {@code tid} and {@code topic} count for nothing.
 */
final class OwnTracks {
    private static final Set<String> NAMES = Set.of(
            "_type",
            "lat",
            "lon",
            "tst",
            "acc",
            "alt",
            "vel",
            "cog",
            "batt",
            "bs",
            "motionactivities",
            "data",
            "t",
            "waypoints",
            "desc",
            "rad",
            "alarm");

    private static final double KILOMETRES_PER_HOUR = 1 / 3.6;
    private static final int NONCE_BYTES = 24;
    private static final double MAX_RADIUS = 1e6;

    private OwnTracks() {}

    /** Reads what the OwnTracks apps send: speed in km/h, {@code bs} from 0 to 3. */
    static ParsedRequest read(TrackerRequest message) {
        if (message.text().isEmpty()) {
            // The app only asks for its friends.
            return new ParsedRequest();
        }
        ParsedRequest reading = new ParsedRequest();
        try {
            messages(message).forEach(tree -> read(reading, tree));
        } catch (IllegalArgumentException e) {
            reading.unknown(e.getMessage());
        }
        return reading;
    }

    /** A message, or those of an array. */
    private static List<JsonTree> messages(TrackerRequest message) {
        JsonTree tree = message.json(NAMES);
        return tree.elements().isEmpty() ? List.of(tree) : tree.elements();
    }

    private static void read(ParsedRequest reading, JsonTree tree) {
        switch (type(tree)) {
            case "location" -> {
                position(reading, tree, KILOMETRES_PER_HOUR, charging(tree.get("bs")));
                if ("u".equals(tree.get("t").text())) {
                    reading.byHand();
                }
            }
            case "waypoint" -> waypoint(reading, tree);
            case "waypoints" -> tree.get("waypoints").elements().forEach(waypoint -> waypoint(reading, waypoint));
            case "transition" -> {
                // Where a region was entered or left, if the app says so.
                if (tree.get("lat").number() != null) {
                    position(reading, tree, KILOMETRES_PER_HOUR, null);
                }
            }
            case "encrypted" -> encrypted(reading, tree.get("data").text());
            case "card", "lwt", "status", "steps", "beacon", "request", "cmd", "dump", "configuration" -> {
                // A sign of life.
            }
            default -> reading.unknown("_type: expected a message of OwnTracks, such as location");
        }
    }

    /**
     * Reads the messages that GPSLogger is told to send in the shape of OwnTracks' (gpslogger.app): every value is text,
     * speed in m/s, {@code bs} whether it is being charged.
     */
    static ParsedRequest readFromGpsLogger(TrackerRequest message) {
        ParsedRequest reading = new ParsedRequest();
        try {
            for (JsonTree tree : messages(message)) {
                if (type(tree).equals("location")) {
                    position(reading, tree, 1, Details.flag(tree.get("bs").text()));
                } else {
                    reading.unknown("_type: expected location");
                }
            }
        } catch (IllegalArgumentException e) {
            reading.unknown(e.getMessage());
        }
        return reading;
    }

    private static String type(JsonTree tree) {
        String type = tree.get("_type").text();
        return type == null ? "" : type;
    }

    private static void position(ParsedRequest reading, JsonTree tree, double speedUnit, Boolean charging) {
        reading.position(
                tree.get("lat").number(),
                tree.get("lon").number(),
                Times.read(tree.get("tst").text()),
                new Details(
                        tree.get("acc").number(),
                        tree.get("alt").number(),
                        times(tree.get("vel").number(), speedUnit),
                        tree.get("cog").number(),
                        times(tree.get("batt").number(), 0.01),
                        charging,
                        tree.get("motionactivities").elements().stream()
                                .map(JsonTree::text)
                                .filter(activity -> activity != null && !activity.equals("unknown"))
                                .findFirst()
                                .orElse(null),
                        tree.get("alarm").text()));
    }

    /** A circle; a beacon, which has no place, is passed over. */
    private static void waypoint(ParsedRequest reading, JsonTree tree) {
        Double latitude = tree.get("lat").number();
        Double longitude = tree.get("lon").number();
        Double radius = tree.get("rad").number();
        Instant madeAt = Times.read(tree.get("tst").text());
        boolean isCircle = latitude != null
                && longitude != null
                && radius != null
                && madeAt != null
                && Math.abs(latitude) <= 90
                && Math.abs(longitude) <= 180
                && radius > 0
                && radius <= MAX_RADIUS;
        if (isCircle) {
            try {
                String name = Name.check("name", tree.get("desc").text());
                reading.add(new Waypoint(madeAt.getEpochSecond(), name, latitude, longitude, radius));
            } catch (Problem problem) {
                reading.trouble("desc: " + problem.getMessage());
            }
        }
    }

    /** Unknown, unplugged, charging, full. */
    private static Boolean charging(JsonTree status) {
        Double number = status.number();
        return number == null || number < 1 ? null : number >= 2;
    }

    static Double times(Double value, double unit) {
        return value == null ? null : value * unit;
    }

    /**
     * {@code data} is the nonce and what libsodium's secretbox made of a message, by a secret that only the apps have
     * (owntracks.org/booklet/features/encrypt). It stays as it is.
     */
    private static void encrypted(ParsedRequest reading, String data) {
        try {
            byte[] bytes = Base64.getDecoder().decode(data == null ? "" : data);
            int nonce = Math.min(NONCE_BYTES, bytes.length);
            Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
            String n = base64.encodeToString(Arrays.copyOf(bytes, nonce));
            String c = base64.encodeToString(Arrays.copyOfRange(bytes, nonce, bytes.length));
            if (Encrypted.isPayload(n, c)) {
                reading.add(new Encrypted(Encrypted.OWNTRACKS, n, c, null));
                return;
            }
        } catch (IllegalArgumentException e) {
            // falls through to the message below
        }
        reading.trouble("data: expected a nonce of 24 bytes and a ciphertext of up to 3000 bytes in base64");
    }
}
