package org.draugar.identity;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.draugar.settings.Settings;

/** Where a request comes from and went to, seen through the reverse proxy that the settings trust. */
@Singleton
public class ClientAddress {
    private final Settings settings;

    @Inject
    ClientAddress(Settings settings) {
        this.settings = settings;
    }

    /**
     * The address of the client. {@code X-Forwarded-For} is believed from a trusted proxy alone, and of it only the
     * last entry, which that proxy wrote itself: anything before it the client may have made up.
     */
    public String of(HttpServletRequest request) {
        String peer = request.getRemoteAddr();
        String forwarded = request.getHeader("X-Forwarded-For");
        if (forwarded == null || !isFromProxy(request)) {
            return peer;
        }
        String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
        return last.matches("[0-9a-fA-F.:]{2,45}") ? last : peer;
    }

    /**
     * The address of this server as the client sees it, such as {@code https://family.example}: what a page says of
     * itself, or else what a trusted proxy says, or else how the request came.
     */
    public String server(HttpServletRequest request) {
        String host = request.getHeader("Host");
        if (host == null || !host.matches("[A-Za-z0-9.:\\[\\]_-]{1,255}")) {
            host = request.getServerName() + ":" + request.getServerPort();
        }
        String origin = request.getHeader("Origin");
        if (origin != null && origin.matches("https?://" + Pattern.quote(host))) {
            return origin;
        }
        boolean tls =
                request.isSecure() || (isFromProxy(request) && "https".equals(request.getHeader("X-Forwarded-Proto")));
        return (tls ? "https://" : "http://") + host;
    }

    /** Whether a proxy that the settings trust has passed the request on. */
    boolean isFromProxy(HttpServletRequest request) {
        return settings.proxies().contains(request.getRemoteAddr().replace("0:0:0:0:0:0:0:1", "::1"));
    }
}
