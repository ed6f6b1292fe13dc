package org.draugar.socketio.engine;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Why a request is refused, with the status and the body that clients of the protocol know. */
enum EngineError {
    TRANSPORT_UNKNOWN(400, 0, "Transport unknown"),
    SESSION_UNKNOWN(400, 1, "Session ID unknown"),
    BAD_HANDSHAKE_METHOD(400, 2, "Bad handshake method"),
    BAD_REQUEST(400, 3, "Bad request"),
    FORBIDDEN(403, 4, "Forbidden"),
    UNSUPPORTED_VERSION(400, 5, "Unsupported protocol version");

    private final int status;
    private final String body;

    EngineError(int status, int code, String message) {
        this.status = status;
        this.body = "{\"code\":" + code + ",\"message\":\"" + message + "\"}";
    }

    int status() {
        return status;
    }

    byte[] body() {
        return body.getBytes(StandardCharsets.UTF_8);
    }

    void send(HttpServletResponse response) {
        send(response, body);
    }

    /** @param words instead of the usual ones, free of quotes */
    void sendWords(HttpServletResponse response, String words) {
        send(response, body.replaceFirst("\"message\":\".*\"", "\"message\":\"" + words + "\""));
    }

    private void send(HttpServletResponse response, String text) {
        response.setStatus(status);
        response.setContentType("application/json");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        response.setContentLength(bytes.length);
        try {
            response.getOutputStream().write(bytes);
        } catch (IOException e) {
            // The peer has hung up: there is nobody left to refuse.
        }
    }
}
