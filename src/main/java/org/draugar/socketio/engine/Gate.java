package org.draugar.socketio.engine;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** Decides which pages' requests come in. */
@FunctionalInterface
public interface Gate {
    /** Whether a request with an Origin may come in. */
    boolean isWelcome(HttpServletRequest request);

    /** Tells the browser that a welcome page may read the answer (Fetch, CORS protocol). */
    default void allow(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
        if (request.getMethod().equals("OPTIONS")) {
            response.setHeader("Access-Control-Allow-Methods", "GET, POST");
            response.setHeader("Access-Control-Allow-Headers", "Content-Type");
            response.setHeader("Access-Control-Max-Age", "3600");
        }
    }

    /** What is said to others: plain words, free of quotes. */
    default String refusal() {
        return "Forbidden";
    }
}
