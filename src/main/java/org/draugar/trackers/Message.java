package org.draugar.trackers;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.formats.JsonTree;
import org.draugar.http.Bodies;
import org.draugar.http.Body;

/**
 * A request of a tracker. Its parts are read when they are asked for, and only as far as they are bounded. Before its
 * body was taken in it has none.
 */
final class Message {
    /** Overland sends a thousand points of 600 bytes at once when it is told to. */
    static final int MOST_BYTES = 2 << 20;

    /** GPSLogger sends thirty when it is told to send all that it knows. */
    private static final int MAX_FIELDS = 64;

    private static final int MAX_NAME = 32;

    /** The ciphertext of a position; all else that we keep is shorter. */
    private static final int MOST_TEXT = 8192;

    private static final Pattern COORDINATES =
            Pattern.compile("\"(?:lat|latitude|latitudeE7|coordinates|coords)\"\\s*:\\s*[-\\[{\"0-9]");

    private static final Pattern NO_NUMBER = Pattern.compile("([:,\\[]\\s{0,8})[-+]?(?:NaN|nan|Infinity|inf)\\b");

    private final HttpServletRequest request;
    /** Null until it is asked for. */
    private String text;

    Message(HttpServletRequest request) {
        this.request = request;
    }

    /** What stands before and after the colon in {@code Authorization: Basic} (RFC 7617). */
    record Login(String user, String password) {}

    Optional<Login> login() {
        return authorization("Basic ").flatMap(encoded -> {
            try {
                String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
                int colon = pair.indexOf(':');
                return colon < 0
                        ? Optional.empty()
                        : Optional.of(new Login(pair.substring(0, colon), pair.substring(colon + 1)));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        });
    }

    /** The password in it. */
    Optional<String> password() {
        return login().map(Login::password);
    }

    /** The token in {@code Authorization: Bearer} (RFC 6750). */
    Optional<String> bearer() {
        return authorization("Bearer ");
    }

    private Optional<String> authorization(String scheme) {
        String header = request.getHeader("Authorization");
        return header != null && header.regionMatches(true, 0, scheme, 0, scheme.length())
                ? Optional.of(header.substring(scheme.length()).strip())
                : Optional.empty();
    }

    /** The path of the door, without a slash at the end. */
    String path() {
        String path = request.getServletPath();
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Whether the body names coordinates: what could not be read of it, held positions. */
    boolean namesCoordinates() {
        return COORDINATES.matcher(text()).find();
    }

    /** The body. @throws org.draugar.http.Problem 400 when it is no text */
    String text() {
        if (text == null) {
            byte[] bytes = Bodies.of(request).orElseGet(() -> new byte[0]);
            text = Body.text(new ByteArrayInputStream(bytes), MOST_BYTES).strip();
        }
        return text;
    }

    boolean isJson() {
        return text().startsWith("{") || text().startsWith("[");
    }

    /**
     * The body as JSON.
     *
     * @param names of the members to keep
     * @throws IllegalArgumentException when it is none
     */
    JsonTree json(Set<String> names) {
        try {
            return JsonTree.read(text(), names, MOST_TEXT);
        } catch (IllegalArgumentException e) {
            // Some apps write what they do not know as no JSON has it.
            Matcher unknown = NO_NUMBER.matcher(text());
            if (!unknown.find()) {
                throw e;
            }
            return JsonTree.read(unknown.replaceAll("$1null"), names, MOST_TEXT);
        }
    }

    /**
     * The parameters of the query and of a form, by their names in lower case. Not by the containers' own reading, which
     * differs and throws; what cannot be decoded is left out, as are what is too long and what comes after the first 64
     * of each, and of two of one name the first counts.
     */
    Map<String, String> parameters() {
        Map<String, String> parameters = new HashMap<>();
        read(request.getQueryString(), parameters);
        if (!isJson()) {
            read(text(), parameters);
        }
        return parameters;
    }

    /** Goes from field to field: a list of all of them could be many times as large as the text. */
    private static void read(String encoded, Map<String, String> parameters) {
        int start = 0;
        for (int fields = 0; encoded != null && start < encoded.length() && fields < MAX_FIELDS; fields++) {
            int and = encoded.indexOf('&', start);
            int end = and < 0 ? encoded.length() : and;
            int equals = encoded.indexOf('=', start);
            // A character may be written with three.
            if (equals > start && equals < end && equals - start <= MAX_NAME && end - equals <= 3 * MOST_TEXT) {
                try {
                    parameters.putIfAbsent(
                            encoded.substring(start, equals).toLowerCase(java.util.Locale.ROOT),
                            URLDecoder.decode(encoded.substring(equals + 1, end), StandardCharsets.UTF_8)
                                    .strip());
                } catch (IllegalArgumentException e) {
                    // As if it were not there.
                }
            }
            start = end + 1;
        }
    }
}
