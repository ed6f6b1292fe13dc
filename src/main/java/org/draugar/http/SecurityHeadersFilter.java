package org.draugar.http;

import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.draugar.monitoring.Metrics;
import org.draugar.settings.Settings;
import org.draugar.settings.StreetMap;
import org.draugar.transport.UpgradeFilter;

/**
 * Tells browsers what pages of this server may do: load from here alone, and from where the operator's street map is;
 * run no inline script, be framed by nobody, send no referrer, and ask for the position but for nothing else. A name
 * that is a script stays a name.
 */
public class SecurityHeadersFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    /** In the WAR as gzip makes it, as the map's tiles are. */
    private static final String OPENLAYERS = "/lib/ol.js";

    private static final String POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'%s",
            "connect-src 'self'%s",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types default");

    @Inject
    private transient Settings settings;

    private transient String policy;

    @Override
    public void init() {
        policy = POLICY.formatted(streetMap(true), streetMap(false));
    }

    /** The origin of the street map, where it is the one that gives pictures or the one that gives data. */
    private String streetMap(boolean pictures) {
        return settings.streetMap()
                .filter(map -> map.kind() == StreetMap.Kind.RASTER == pictures)
                .flatMap(StreetMap::origin)
                .map(origin -> " " + origin)
                .orElse("");
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (UpgradeFilter.asksForWebSocket(request)) {
            // No page can be made to ask so, and Payara keeps an upgrade's headers as long as the connection.
            chain.doFilter(request, response);
            return;
        }
        response.setHeader("Content-Security-Policy", policy);
        response.setHeader(
                "Permissions-Policy", "geolocation=(self), screen-wake-lock=(self), camera=(), microphone=()");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("X-Content-Type-Options", "nosniff");
        // Payara has none for what comes after a WebSocket that broke off.
        String path = request.getServletPath() == null ? "" : request.getServletPath();
        boolean tile = path.endsWith(".mvt");
        // What is not there, or cannot be done, is answered with words, which are not packed and not worth keeping.
        boolean packed = (tile || path.equals(OPENLAYERS))
                && (request.getMethod().equals("GET") || request.getMethod().equals("HEAD"))
                && request.getServletContext().getResource(path) != null;
        response.setHeader("Cache-Control", caching(path, tile && packed));
        if (packed) {
            response.setHeader("Content-Encoding", "gzip");
        }
        chain.doFilter(request, response);
        if (!request.isAsyncStarted()) {
            Metrics.answered(response.getStatus());
        }
    }

    private static String caching(String path, boolean tile) {
        if (!isFile(path)) {
            // Of somebody's own: what the doors answer too, such as where the family is.
            return "no-store";
        }
        // Files have no version in their names: ask each time, and the answer is mostly "not modified". The map's tiles
        // are many, and last week's are as good.
        return tile ? "public, max-age=604800" : "no-cache";
    }

    /** Whether it is a part of the page, by its name: no door has one with a dot, but for Socket.IO. */
    private static boolean isFile(String path) {
        boolean named = path.indexOf('.', path.lastIndexOf('/') + 1) >= 0;
        return path.equals("/") || (named && !path.startsWith("/api/") && !path.startsWith("/socket.io"));
    }
}
