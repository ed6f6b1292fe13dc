package org.draugar.socketio.engine;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The parameters of a query string. Not by the containers' own reading, which differs. */
final class Query {
    private final Map<String, String> parameters = new HashMap<>();

    private Query() {}

    /** @param text may be null; what cannot be read is left out, and of two parameters of one name the first counts */
    static Query of(String text) {
        Query query = new Query();
        for (String pair : text == null ? new String[0] : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                try {
                    query.parameters.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
                } catch (IllegalArgumentException e) {
                    // As if it were not there.
                }
            }
        }
        return query;
    }

    /** The value, or null. */
    String get(String name) {
        return parameters.get(name);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
