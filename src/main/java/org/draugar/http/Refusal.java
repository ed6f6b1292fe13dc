package org.draugar.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** An error answer given outside of JAX-RS, in the same shape. */
public final class Refusal {
    private Refusal() {}

    /** @param message plain words of ours, free of quotes */
    public static void send(HttpServletResponse response, int status, String message) throws IOException {
        byte[] body = body(status, message).getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        // Before the rest of the request is waited for.
        response.flushBuffer();
    }

    /** The body of it. @param message as above */
    public static String body(int status, String message) {
        return "{\"error\":true,\"message\":\"" + message + "\",\"statusCode\":" + status + "}";
    }
}
