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
                engine.gate().allow(request, response);
            }
        }
        if (request.getMethod().equals("OPTIONS")) {
            if (engine.isWelcome(request)) {
                response.setStatus(204);
            } else {
                EngineError.FORBIDDEN.sendWords(response, engine.gate().refusal());
            }
            return;
        }
        response.setHeader("Cache-Control", "no-store");
        Optional<EngineError> error = engine.check(request, upgrade);
        if (error.isPresent() && error.get() == EngineError.FORBIDDEN) {
            error.get().sendWords(response, engine.gate().refusal());
        } else if (error.isPresent()) {
            error.get().send(response);
        } else {
            chain.doFilter(request, response);
        }
    }
}
