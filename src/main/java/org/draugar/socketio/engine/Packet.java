package org.draugar.socketio.engine;

import java.util.Base64;
import java.util.function.Predicate;

/**
 * A packet of Engine.IO v4: a text that starts with the digit of its type, or the bytes of a binary message.
 *
 * @param text type and data, or null for a binary message
 * @param binary a binary message, or null
 */
record Packet(String text, byte[] binary) {
    static final char OPEN = '0';
    static final char CLOSE = '1';
    static final char PING = '2';
    static final char PONG = '3';
    static final char MESSAGE = '4';
    static final char UPGRADE = '5';
    static final char NOOP = '6';

    private static final char SEPARATOR = '\u001e';
    private static final char BASE64 = 'b';

    static Packet text(String text) {
        return new Packet(text, null);
    }

    static Packet of(char type) {
        return new Packet(String.valueOf(type), null);
    }

    boolean is(char type) {
        return text != null && text.length() == 1 && text.charAt(0) == type;
    }

    /** How much waits with it: bytes or characters, as a peer's own messages are counted. */
    int size() {
        return text == null ? binary.length : text.length();
    }

    /** The packets as one body of an HTTP long-polling request or answer. */
    static String payload(Iterable<Packet> packets) {
        StringBuilder payload = new StringBuilder();
        for (Packet packet : packets) {
            if (!payload.isEmpty()) {
                payload.append(SEPARATOR);
            }
            if (packet.text == null) {
                payload.append(BASE64).append(Base64.getEncoder().encodeToString(packet.binary));
            } else {
                payload.append(packet.text);
            }
        }
        return payload.toString();
    }

    /**
     * Hands on the packets of a body, one by one, for a megabyte may hold very many.
     *
     * @param hear whether to go on
     * @return false when it was told to stop
     * @throws IllegalArgumentException at something that is no packet
     */
    static boolean read(String payload, Predicate<Packet> hear) {
        int start = 0;
        while (true) {
            int end = payload.indexOf(SEPARATOR, start);
            String text = payload.substring(start, end < 0 ? payload.length() : end);
            boolean isBinary = !text.isEmpty() && text.charAt(0) == BASE64;
            Packet packet = isBinary ? new Packet(null, decode(text.substring(1))) : read(text);
            if (!hear.test(packet)) {
                return false;
            }
            if (end < 0) {
                return true;
            }
            start = end + 1;
        }
    }

    /** Encoders made for mail break their lines. */
    private static byte[] decode(String base64) {
        String line =
                base64.indexOf('\n') < 0 ? base64 : base64.replace("\r", "").replace("\n", "");
        return Base64.getDecoder().decode(line);
    }

    /** @throws IllegalArgumentException when it is none */
    static Packet read(String text) {
        if (text.isEmpty() || text.charAt(0) < OPEN || text.charAt(0) > NOOP) {
            throw new IllegalArgumentException("no packet");
        }
        return text(text);
    }
}
