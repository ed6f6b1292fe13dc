package org.draugar.identity;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import java.util.stream.Stream;
import org.draugar.settings.Origin;
import org.draugar.settings.Settings;

/** Which pages' requests come in, at every door: those of the server's own origin and those in {@code DRAUGAR_ORIGINS}. */
@Singleton
public class Origins {
    /** What a page hears that is not let in. */
    public static final String REFUSAL =
            "Pages of this origin may not connect: the server's owner can add it to DRAUGAR_ORIGINS";

    private final Settings settings;
    private final ClientAddress addresses;

    @Inject
    Origins(Settings settings, ClientAddress addresses) {
        this.settings = settings;
        this.addresses = addresses;
    }

    /** Whether a request may come in. Peers that are no browsers send no Origin. */
    public boolean welcome(HttpServletRequest request) {
        String header = request.getHeader("Origin");
        if (header == null) {
            return true;
        }
        Optional<Origin> origin = Origin.parse(header);
        return origin.isPresent()
                && (settings.origins().contains(origin.get().toString())
                        || settings.url().filter(url -> isOf(url, origin.get())).isPresent()
                        || hosts(request).anyMatch(origin.get()::isAt));
    }

    private static boolean isOf(String url, Origin origin) {
        return (url + "/").startsWith(origin + "/");
    }

    /** Where the request went to, as the server sees it, and as a trusted proxy in front of it did. */
    private Stream<String> hosts(HttpServletRequest request) {
        Stream.Builder<String> hosts = Stream.builder();
        String host = request.getHeader("Host");
        if (host != null) {
            hosts.add(host);
        }
        if (addresses.isFromProxy(request)) {
            String forwarded = request.getHeader("X-Forwarded-Host");
            String port = request.getHeader("X-Forwarded-Port");
            if (forwarded != null) {
                hosts.add(forwarded);
            }
            String outside = forwarded == null ? host : forwarded;
            if (outside != null && port != null) {
                hosts.add(outside.replaceFirst(":[0-9]*$", "") + ":" + port);
            }
        }
        return hosts.build();
    }

    /**
     * Tells the browser that a page which is welcome may read the answer, and, where it asks first, what it may send
     * (Fetch, CORS protocol). With credentials: nothing here goes by cookies, so a page gains nothing by sending some.
     */
    public void allow(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
        response.setHeader("Access-Control-Allow-Credentials", "true");
        response.setHeader("Access-Control-Expose-Headers", "Retry-After");
        if (request.getMethod().equals("OPTIONS")) {
            response.setHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
            response.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID");
            response.setHeader("Access-Control-Max-Age", "3600");
        }
    }
}
