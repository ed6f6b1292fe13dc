package org.draugar.status;

import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import org.draugar.monitoring.Metrics;
import org.draugar.operator.OperatorKey;

/**
 * The same for monitors, in the text format of Prometheus (version 0.0.4). Where one family lives, how many positions are
 * stored tells when it is on the move: so it is for the person who runs the server, and for programs on its machine.
 */
@Path("metrics")
public class MetricsResource {
    @Inject
    private OperatorKey key;

    /** All metrics; 401 from elsewhere without the operator's key. */
    @GET
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    public String metrics(@HeaderParam("Authorization") String authorization, @Context HttpServletRequest request) {
        if (!key.isOperator(request)) {
            key.require(authorization);
        }
        return Metrics.text();
    }
}
