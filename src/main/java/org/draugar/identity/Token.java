package org.draugar.identity;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.draugar.family.Code;

/**
 * A device token: 256 random bits, opaque to everybody. It is shown once, and kept only as a hash.
 *
 * @param text base64url without padding
 */
record Token(String text) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String SUBPROTOCOL = "bearer.";

    static Token random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new Token(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** Reads {@code Authorization: Bearer <token>} (RFC 6750, 2.1). */
    static Optional<Token> fromAuthorization(String header) {
        if (header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return Optional.of(new Token(header.substring(7).strip()));
        }
        return Optional.empty();
    }

    /** Reads {@code Sec-WebSocket-Protocol: draugar.v1, bearer.<token>}: browsers can set no other header. */
    static Optional<Token> fromSubprotocols(Iterable<String> headers) {
        for (String header : headers) {
            Optional<Token> token = Stream.of(header.split(",", -1))
                    .map(String::strip)
                    .filter(protocol -> protocol.startsWith(SUBPROTOCOL))
                    .map(protocol -> new Token(protocol.substring(SUBPROTOCOL.length())))
                    .findFirst();
            if (token.isPresent()) {
                return token;
            }
        }
        return Optional.empty();
    }

    byte[] hash() {
        return Code.sha256(text);
    }

    /** The token itself stays out of logs. */
    @Override
    public String toString() {
        return "Token";
    }
}
