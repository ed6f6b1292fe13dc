package org.draugar.http;

import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;

/**
 * Stands before everything, and ends the bodies that nobody reads: those of methods that have none at once, because their
 * answer may be given by another thread later; others once they are answered. What was read makes room then.
 */
public class BodyEndFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD");

    @Inject
    private transient Bodies bodies;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (WITHOUT_BODY.contains(request.getMethod())) {
            bodies.pass(request);
        }
        try {
            chain.doFilter(request, response);
        } finally {
            bodies.end(request);
        }
    }
}
