package org.draugar.socketio.engine;

import jakarta.json.Json;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParserFactory;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.draugar.http.JsonText;

/**
 * A packet of Socket.IO v5, as it stands in an Engine.IO message: {@code <type>[<attachments>-][/namespace,][id][json]}.
 *
 * @param type digit
 * @param namespace with its slash
 * @param id of the acknowledgement that is asked for or given, or -1
 * @param json payload, possibly empty
 * @param attachments how many binary messages follow
 */
record SocketPacket(char type, String namespace, long id, String json, int attachments) {
    static final char CONNECT = '0';
    static final char DISCONNECT = '1';
    static final char EVENT = '2';
    static final char ACK = '3';
    static final char CONNECT_ERROR = '4';
    static final char BINARY_EVENT = '5';
    static final char BINARY_ACK = '6';

    static final String MAIN = "/";

    private static final int MAX_ATTACHMENTS = 10;
    private static final int MAX_DIGITS = 15;
    private static final int MAX_ELEMENTS = 1000;
    private static final Set<String> RESERVED =
            Set.of("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener");

    /** Kept, because looking for one takes longer than parsing. */
    private static final JsonParserFactory PARSERS = Json.createParserFactory(Map.of());

    /**
     * Reads a packet that a client may send.
     *
     * @throws IllegalArgumentException when it is none
     */
    static SocketPacket read(String text) {
        if (text.isEmpty() || "012356".indexOf(text.charAt(0)) < 0) {
            throw new IllegalArgumentException("unknown packet type");
        }
        char type = text.charAt(0);
        int at = 1;
        int attachments = 0;
        if (type == BINARY_EVENT || type == BINARY_ACK) {
            int end = digits(text, at);
            if (end == at || end == text.length() || text.charAt(end) != '-') {
                throw new IllegalArgumentException("how many attachments?");
            }
            attachments = end - at > 2 ? Integer.MAX_VALUE : Integer.parseInt(text.substring(at, end));
            if (attachments > MAX_ATTACHMENTS) {
                throw new IllegalArgumentException("too many attachments");
            }
            at = end + 1;
        }
        String namespace = MAIN;
        if (at < text.length() && text.charAt(at) == '/') {
            int end = text.indexOf(',', at);
            namespace = text.substring(at, end < 0 ? text.length() : end);
            at = end < 0 ? text.length() : end + 1;
        }
        int end = digits(text, at);
        long id = -1;
        if (end > at) {
            if (end - at > MAX_DIGITS) {
                throw new IllegalArgumentException("id too long");
            }
            id = Long.parseLong(text.substring(at, end));
        }
        SocketPacket packet = new SocketPacket(type, namespace, id, text.substring(end), attachments);
        packet.check();
        return packet;
    }

    /** The elements of the payload of an event or an acknowledgement, as JSON. */
    List<String> elements() {
        return JsonText.elements(json, MAX_ELEMENTS);
    }

    /** The name of an event: its first element, a text or a number. */
    String name() {
        try (JsonParser parser = PARSERS.createParser(new StringReader(json))) {
            parser.next();
            parser.next();
            return parser.getString();
        }
    }

    /** The packet as a text message. */
    String text() {
        StringBuilder text = new StringBuilder(json.length() + 16).append(type);
        if (type == BINARY_EVENT || type == BINARY_ACK) {
            text.append(attachments).append('-');
        }
        if (!namespace.equals(MAIN)) {
            text.append(namespace).append(',');
        }
        if (id >= 0) {
            text.append(id);
        }
        return text.append(json).toString();
    }

    private void check() {
        boolean good =
                switch (type) {
                    case CONNECT -> json.isEmpty() || startsWith(JsonParser.Event.START_OBJECT);
                    case DISCONNECT -> json.isEmpty();
                    case EVENT, BINARY_EVENT -> startsWith(JsonParser.Event.START_ARRAY) && isNamed();
                    default -> startsWith(JsonParser.Event.START_ARRAY) && id >= 0;
                };
        if (!good) {
            throw new IllegalArgumentException("unexpected payload");
        }
    }

    /** Whether the payload is JSON, all of it, and of a kind. */
    private boolean startsWith(JsonParser.Event kind) {
        try (JsonParser parser = PARSERS.createParser(new StringReader(json))) {
            boolean right = parser.next() == kind;
            while (parser.hasNext()) {
                parser.next();
            }
            return right;
        } catch (RuntimeException e) {
            // Of many kinds: a JsonException, NoSuchElementException for nothing, and a bare one for deep nesting.
            return false;
        }
    }

    private boolean isNamed() {
        try (JsonParser parser = PARSERS.createParser(new StringReader(json))) {
            parser.next();
            return switch (parser.next()) {
                case VALUE_STRING -> !RESERVED.contains(parser.getString());
                case VALUE_NUMBER -> true;
                default -> false;
            };
        }
    }

    private static int digits(String text, int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }
}
