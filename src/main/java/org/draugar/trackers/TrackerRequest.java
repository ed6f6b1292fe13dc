package org.draugar.trackers;

import jakarta.servlet.http.HttpServletRequest;
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
import org.draugar.formats.LenientText;
import org.draugar.http.Bodies;

/**
 * A request of a tracker. Its parts are read when they are asked for, and only as far as they are bounded. Before its
 * body was taken in it has none.
 */
final class TrackerRequest {
    /** Overland sends a thousand points of 600 bytes at once when it is told to. */
    static final int MAX_BYTES = 2 << 20;

    /** GPSLogger sends thirty when it is told to send all that it knows. */
    private static final int MAX_FIELDS = 64;

    private static final int MAX_NAME = 32;

    /** The ciphertext of a position; all else that we keep is shorter. */
    private static final int MAX_TEXT = 8192;

    /** A number behind the name of a coordinate, in JSON, a form, XML or whatever an app was told to write. */
    private static final Pattern COORDINATES = Pattern.compile(
            "\\b(?:lat(?:itude)?(?:E7)?|coordinates|coords)\\b"
                    + "(?:\"\\s{0,16}:\\s{0,16}[-\\[{\"0-9]|[^a-z0-9]{1,8}[0-9])",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern NO_NUMBER = Pattern.compile("([:,\\[]\\s{0,8})[-+]?(?:NaN|nan|Infinity|inf)\\b");

    private final HttpServletRequest request;
    /** Null until it is asked for. */
    private String text;

    private boolean isText;

    TrackerRequest(HttpServletRequest request) {
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

    /** Whether the body names coordinates: then it is certain that what could not be read of it held positions. */
    boolean namesCoordinates() {
        return COORDINATES.matcher(text()).find();
    }

    /** The body; what is no UTF-8 in it is read all the same, because a name in another encoding is none of the place. */
    String text() {
        if (text == null) {
            LenientText read = LenientText.of(Bodies.of(request).orElseGet(() -> new byte[0]));
            text = read.all().strip();
            isText = read.flawedLine() == 0;
        }
        return text;
    }

    /** Whether the body is text from its beginning to its end, and not packed, or something else. */
    boolean isText() {
        text();
        return isText;
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
            return JsonTree.read(text(), names, MAX_TEXT);
        } catch (IllegalArgumentException e) {
            // Some apps write what they do not know as no JSON has it.
            Matcher unknown = NO_NUMBER.matcher(text());
            if (!unknown.find()) {
                throw e;
            }
            return JsonTree.read(unknown.replaceAll("$1null"), names, MAX_TEXT);
        }
    }

    /**
     * The parameters of the query and of a form, by their names in lower case. Not by the containers' own reading, which
     * differs and throws; what cannot be decoded is left out, as are what is too long and what comes after the first 64
     * of each, and of two of one name the first counts. People type addresses into apps by hand: so {@code ?} and
     * {@code &amp;} stand for {@code &} too.
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
            int end = start;
            while (end < encoded.length() && encoded.charAt(end) != '&' && encoded.charAt(end) != '?') {
                end++;
            }
            start += encoded.startsWith("amp;", start) ? 4 : 0;
            int equals = encoded.indexOf('=', start);
            // A character may be written with three.
            if (equals > start && equals < end && equals - start <= MAX_NAME && end - equals <= 3 * MAX_TEXT) {
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
