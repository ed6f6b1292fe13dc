package org.draugar.delivery;

/** Why the server ends a connection: the close codes of the contract, RFC 6455, 7.4, and words for people. */
public enum CloseReason {
    GOING_AWAY(1001, "the server stops; connect again"),
    NO_SIGN_OF_LIFE(1001, "no answer to pings"),
    POLICY(1008, "not allowed"),
    TOO_BIG(1009, "message larger than 4096 bytes"),
    BAD_MESSAGES(4400, "too many bad messages in a row"),
    NOT_TEXT(4400, "expected text, got binary"),
    REVOKED(4401, "this device was signed out"),
    NOT_A_MEMBER(4403, "no longer a member of the family"),
    TOO_SLOW(4408, "reads too slowly"),
    TOO_MANY(4429, "more than 100 connections of one member");

    private final int code;
    private final String text;

    CloseReason(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** WebSocket close code. */
    public int code() {
        return code;
    }

    /** For people. */
    public String text() {
        return text;
    }
}
