package org.draugar.identity;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.Principal;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import org.draugar.family.Caller;
import org.draugar.http.Refusal;

/**
 * Finds the {@link Caller} of every request by its device token and makes them its principal, which JAX-RS and
 * WebSocket sessions alike hand on. Who opens a live connection must be known before the upgrade: a peer that has not
 * proved who it is gets a plain 401 and never costs more than that.
 */
public class AuthenticationFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = System.getLogger(AuthenticationFilter.class.getName());

    private static final Set<String> FOR_THE_OPERATOR =
            Set.of("/api/backup", "/api/checkup", "/api/log", "/api/tokens");

    /** These have no use for a caller, and answer while the store does not: the operator asks them why it does not. */
    private static final Set<String> WITHOUT_CALLER = Set.of("/api/health", "/api/metrics");

    @Inject
    private transient Devices devices;

    @Inject
    private transient Event<SecretRefused> refusals;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (WITHOUT_CALLER.contains(path(request))) {
            chain.doFilter(request, response);
            return;
        }
        Optional<Token> token = token(request);
        Optional<Caller> caller;
        try {
            caller = token.flatMap(devices::findCaller);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "Nobody can sign in while the store does not answer: {0}", e.getMessage());
            response.setHeader("Retry-After", "5");
            Refusal.send(response, 503, "The store does not answer right now; try again in a moment");
            return;
        }
        if (caller.isPresent()) {
            chain.doFilter(new SignedIn(request, caller.get()), response);
            return;
        }
        // There a token that is no device's may be the operator's key.
        if (token.isPresent() && !FOR_THE_OPERATOR.contains(path(request))) {
            refusals.fire(new SecretRefused());
        }
        if (isLive(request)) {
            response.setHeader("WWW-Authenticate", "Bearer");
            Refusal.send(response, 401, token.isEmpty() ? "Authentication required" : "Invalid token");
        } else {
            chain.doFilter(request, response);
        }
    }

    private static String path(HttpServletRequest request) {
        // Payara once had none for what came after a WebSocket that broke off.
        String context = request.getContextPath();
        return context == null ? "" : request.getRequestURI().substring(context.length());
    }

    private static boolean isLive(HttpServletRequest request) {
        String path = request.getServletPath();
        // Payara once had none for what came after a WebSocket that broke off.
        return path != null && (path.equals("/ws") || path.matches("/api/events/?"));
    }

    private static Optional<Token> token(HttpServletRequest request) {
        return Token.fromAuthorization(request.getHeader("Authorization"))
                .or(() -> Token.fromSubprotocols(Collections.list(request.getHeaders("Sec-WebSocket-Protocol"))));
    }

    private static final class SignedIn extends HttpServletRequestWrapper {
        private final Caller caller;

        SignedIn(HttpServletRequest request, Caller caller) {
            super(request);
            this.caller = caller;
        }

        @Override
        public Principal getUserPrincipal() {
            return caller;
        }
    }
}
