package org.draugar.identity;

import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.draugar.http.Refusal;

/**
 * Lets browsers in from the server's own origin and from those in {@code DRAUGAR_ORIGINS}. WebSockets know no
 * same-origin policy, and neither server checks (RFC 6455, 10.2), so a foreign page's upgrade is refused here with
 * 403. Plain requests get CORS headers or none, and the browser decides. Peers that are no browsers send no Origin.
 */
public class OriginFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    @Inject
    private transient Origins origins;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String origin = request.getHeader("Origin");
        boolean welcome = origins.welcome(request);
        if (request.getServletPath().equals("/ws")) {
            if (welcome) {
                chain.doFilter(request, response);
            } else {
                Refusal.send(
                        response,
                        403,
                        "Pages of this origin may not connect: the server's owner can add it to DRAUGAR_ORIGINS");
            }
            return;
        }
        response.addHeader("Vary", "Origin");
        if (origin != null && welcome) {
            response.setHeader("Access-Control-Allow-Origin", origin);
            response.setHeader("Access-Control-Expose-Headers", "Retry-After");
            if (request.getMethod().equals("OPTIONS")) {
                response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
                response.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID");
                response.setHeader("Access-Control-Max-Age", "3600");
                response.setStatus(204);
                return;
            }
        }
        chain.doFilter(request, response);
    }
}
