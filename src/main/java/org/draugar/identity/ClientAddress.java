package org.draugar.identity;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import org.draugar.settings.Settings;

/** Where a request comes from, seen through the reverse proxy that the settings trust. */
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
    String of(HttpServletRequest request) {
        String peer = request.getRemoteAddr();
        String forwarded = request.getHeader("X-Forwarded-For");
        if (forwarded == null || !settings.proxies().contains(peer.replace("0:0:0:0:0:0:0:1", "::1"))) {
            return peer;
        }
        String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
        return last.matches("[0-9a-fA-F.:]{2,45}") ? last : peer;
    }
}
