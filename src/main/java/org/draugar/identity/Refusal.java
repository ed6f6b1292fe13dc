package org.draugar.identity;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** An error answer given before any door is reached, in the same shape as the HTTP API's. */
final class Refusal {
    private Refusal() {}

    /** @param message plain words of ours, free of quotes */
    static void send(HttpServletResponse response, int status, String message) throws IOException {
        byte[] body = ("{\"error\":true,\"message\":\"" + message + "\",\"statusCode\":" + status + "}")
                .getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
