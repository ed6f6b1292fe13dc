package org.draugar.identity;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.draugar.settings.Settings;

/** Which pages' requests come in: those of the server's own origin and those in {@code DRAUGAR_ORIGINS}. */
@Singleton
public class Origins {
    private final Settings settings;

    @Inject
    Origins(Settings settings) {
        this.settings = settings;
    }

    /**
     * Whether a request may come in. Peers that are no browsers send no Origin. The scheme is left out of the
     * comparison: behind a proxy that ends TLS, the server does not see it.
     */
    public boolean welcome(HttpServletRequest request) {
        String header = request.getHeader("Origin");
        if (header == null) {
            return true;
        }
        String origin = header.toLowerCase(Locale.ROOT);
        String host = request.getHeader("Host");
        boolean same = host != null
                && (origin.equals("http://" + host.toLowerCase(Locale.ROOT))
                        || origin.equals("https://" + host.toLowerCase(Locale.ROOT)));
        return same || settings.origins().contains(origin);
    }
}
