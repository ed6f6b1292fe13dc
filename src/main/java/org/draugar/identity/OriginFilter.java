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
        if ("/ws".equals(request.getServletPath())) {
            if (welcome) {
                chain.doFilter(request, response);
            } else {
                Refusal.send(response, 403, Origins.REFUSAL);
            }
            return;
        }
        response.addHeader("Vary", "Origin");
        boolean asksFirst =
                request.getMethod().equals("OPTIONS") && request.getHeader("Access-Control-Request-Method") != null;
        if (origin != null && welcome) {
            origins.allow(request, response);
            if (request.getMethod().equals("OPTIONS")) {
                response.setStatus(204);
                return;
            }
        } else if (origin != null && asksFirst) {
            Refusal.send(response, 403, Origins.REFUSAL);
            return;
        }
        chain.doFilter(request, response);
    }
}
