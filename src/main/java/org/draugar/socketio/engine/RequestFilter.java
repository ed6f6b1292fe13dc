package org.draugar.socketio.engine;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/** Looks at each request first, because a WebSocket's can be refused with a proper answer nowhere else. */
final class RequestFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private final transient Engine engine;

    RequestFilter(Engine engine) {
        this.engine = engine;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        boolean upgrade = "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
        String origin = request.getHeader("Origin");
        if (origin != null && !upgrade) {
            response.addHeader("Vary", "Origin");
            if (engine.isWelcome(request)) {
                response.setHeader("Access-Control-Allow-Origin", origin);
            }
        }
        if (request.getMethod().equals("OPTIONS")) {
            response.setHeader("Access-Control-Allow-Methods", "GET, POST");
            response.setHeader("Access-Control-Allow-Headers", "Content-Type");
            response.setHeader("Access-Control-Max-Age", "3600");
            response.setStatus(204);
            return;
        }
        response.setHeader("Cache-Control", "no-store");
        Optional<EngineError> error = engine.check(request, upgrade);
        if (error.isPresent()) {
            error.get().send(response);
        } else {
            chain.doFilter(request, response);
        }
    }
}
