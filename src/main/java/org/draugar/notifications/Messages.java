package org.draugar.notifications;

import jakarta.json.Json;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.family.Ids;
import org.draugar.notifications.Notification.Kind;
import org.draugar.notifications.NotificationsResource.NotificationView;
import org.draugar.outbound.Outbound;

/**
 * A notification as it is posted to a channel.
 *
 * @param headers without those that every request has
 */
record Messages(URI url, Map<String, String> headers, byte[] body) {
    private static final Jsonb JSON = JsonbBuilder.create();
    private static final String CONTENT_TYPE = "Content-Type";
    private static final String APPLICATION_JSON = "application/json";

    /** The server that a topic is at, and its name (docs.ntfy.sh, "Publish as JSON"). */
    private static final Pattern TOPIC = Pattern.compile("/(?:[^/]+/)*([A-Za-z0-9_-]{1,64})");

    private static final int HIGHEST = 5;
    private static final int ORDINARY = 3;

    static Messages of(Channel channel, Notification notification, Instant expires, PushKey key) {
        URI url = URI.create(channel.address());
        return switch (channel.kind()) {
            case WEBPUSH -> webPush(url, channel, notification, expires, key);
            case NTFY -> ntfy(url, channel, notification);
            case WEBHOOK -> new Messages(url, Map.of(CONTENT_TYPE, APPLICATION_JSON), json(notification));
            case EMAIL -> throw new IllegalArgumentException("Mail is not posted");
        };
    }

    /** RFC 8030, 5. */
    private static Messages webPush(URI url, Channel channel, Notification notification, Instant expires, PushKey key) {
        try {
            long seconds = Math.max(0, Duration.between(Instant.now(), expires).toSeconds());
            return new Messages(
                    url,
                    Map.of(
                            "Authorization",
                            key.authorization(Outbound.origin(url).orElseThrow()),
                            "Content-Encoding",
                            "aes128gcm",
                            CONTENT_TYPE,
                            "application/octet-stream",
                            "TTL",
                            Long.toString(seconds),
                            "Urgency",
                            isHurried(notification.kind()) ? "high" : "normal",
                            // The same again takes the place of the one that waits for the phone.
                            "Topic",
                            Ids.text(notification.id())),
                    WebPush.encrypt(json(notification), P256.publicKey(channel.publicKey()), channel.auth()));
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("The key of a channel in the store is damaged", e);
        }
    }

    /** Phones that sleep wait with what is not: an hour, for some. */
    private static boolean isHurried(Kind kind) {
        return kind != Kind.BATTERY && kind != Kind.SILENT;
    }

    private static Messages ntfy(URI url, Channel channel, Notification notification) {
        String topic = topic(url).orElseThrow();
        Map<String, String> headers = new HashMap<>(Map.of(CONTENT_TYPE, APPLICATION_JSON));
        if (channel.token() != null) {
            headers.put("Authorization", "Bearer " + channel.token());
        }
        String body = Json.createObjectBuilder()
                .add("topic", topic)
                .add("title", notification.title())
                .add("message", notification.text())
                .add("priority", notification.kind().isUrgent() ? HIGHEST : ORDINARY)
                .build()
                .toString();
        return new Messages(url.resolve("./"), headers, body.getBytes(StandardCharsets.UTF_8));
    }

    /** The name of the topic that a URL of ntfy is of. */
    static Optional<String> topic(URI url) {
        Matcher matcher = TOPIC.matcher(url.getRawPath());
        return matcher.matches() && url.getRawQuery() == null ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static byte[] json(Notification notification) {
        return JSON.toJson(NotificationView.of(notification)).getBytes(StandardCharsets.UTF_8);
    }
}
