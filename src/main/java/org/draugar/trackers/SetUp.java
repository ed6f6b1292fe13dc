package org.draugar.trackers;

import jakarta.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an app must be told to report here.
 *
 * @param url where it sends its positions to
 * @param user for apps that ask for one, or null
 * @param password for apps that ask for one, or null
 * @param link opens the app and sets it up, or null where the app knows no such link
 * @param qr what a QR code for the app says: to be scanned with the app itself, or with the phone's camera
 * @param texts to copy, each under the words that the app uses for it, in the order of its screens
 */
record SetUp(String url, String user, String password, String link, String qr, Map<String, String> texts) {

    /**
     * @param server the address of this server as the phone sees it, such as {@code https://family.example}
     * @param secret the tracker's token
     */
    static SetUp of(Tracker tracker, String secret, String server, String memberName) {
        return switch (tracker.app()) {
            case OWNTRACKS -> ownTracks(tracker, secret, server + "/owntracks", memberName);
            case TRACCAR -> traccar(secret, server + "/osmand");
            case OSMAND -> osmAnd(secret, server + "/osmand");
            case OVERLAND -> overland(tracker, secret, server + "/overland");
            case GPSLOGGER -> gpsLogger(tracker, secret, server + "/gpslogger");
        };
    }

    /** By a configuration file in a link (owntracks.org/booklet/features/remoteconfig). */
    private static SetUp ownTracks(Tracker tracker, String secret, String url, String memberName) {
        String user = tracker.id().toString();
        String tid = Friends.letters(memberName);
        String configuration = Json.createObjectBuilder()
                .add("_type", "configuration")
                .add("mode", 3)
                .add("url", url)
                .add("auth", true)
                .add("usePassword", true)
                .add("username", user)
                .add("password", secret)
                .add("deviceId", "phone")
                .add("tid", tid)
                .add("cmd", tracker.commands())
                .add("monitoring", 1)
                .build()
                .toString();
        String inline = Base64.getEncoder().encodeToString(configuration.getBytes(StandardCharsets.UTF_8));
        String link = "owntracks:///config?inline=" + encode(inline);
        return new SetUp(
                url,
                user,
                secret,
                link,
                link,
                texts("Mode", "HTTP", "URL", url, "Username", user, "Password", secret, "Tracker ID", tid));
    }

    /** The app's scanner takes the address with the identifier in it. */
    private static SetUp traccar(String secret, String url) {
        String link = url + "?id=" + secret;
        return new SetUp(url, null, null, null, link, texts("Server URL", url, "Device identifier", secret));
    }

    /** Without the speed: this app says it in another unit than the others who speak its protocol. */
    private static SetUp osmAnd(String secret, String url) {
        String template = url + "?id=" + secret + "&lat={0}&lon={1}&timestamp={2}&hdop={3}&altitude={4}&bearing={6}";
        return new SetUp(template, null, null, null, template, texts("Online tracking web address", template));
    }

    private static SetUp overland(Tracker tracker, String secret, String url) {
        String link = "overland://setup?url=" + encode(url) + "&token=" + secret + "&device_id=" + tracker.id();
        return new SetUp(url, null, secret, link, link, texts("Receiver Endpoint", url, "Access Token", secret));
    }

    private static SetUp gpsLogger(Tracker tracker, String secret, String url) {
        String user = tracker.id().toString();
        String template = url + "?%ALL";
        return new SetUp(
                template,
                user,
                secret,
                null,
                template,
                texts(
                        "URL",
                        template,
                        "HTTP Method",
                        "POST",
                        "Basic Authentication Username",
                        user,
                        "Basic Authentication Password",
                        secret));
    }

    private static Map<String, String> texts(String... pairs) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            texts.put(pairs[i], pairs[i + 1]);
        }
        return texts;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
