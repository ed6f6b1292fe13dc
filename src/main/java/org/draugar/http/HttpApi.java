package org.draugar.http;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** Everything under {@code /api}. */
@ApplicationPath("/api")
public class HttpApi extends Application {

    /** Jersey alone reads this: by default it answers OPTIONS, and more, with a description of its own making. */
    @Override
    public Map<String, Object> getProperties() {
        return Map.of("jersey.config.server.wadl.disableWadl", true);
    }
}
