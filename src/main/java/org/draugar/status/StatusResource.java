package org.draugar.status;

import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.draugar.delivery.Hub;
import org.draugar.location.PositionStore;
import org.draugar.operator.OperatorKey;

/** Status for people, monitors and load balancers; tells nothing about anybody. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class StatusResource {
    @Inject
    private Hub hub;

    @Inject
    private PositionStore positions;

    @Inject
    private Health health;

    @Inject
    private OperatorKey key;

    /**
     * How the server is.
     *
     * @param trouble what is wrong, for people; null when nothing is
     * @param version for the operator alone: whoever knows it knows what it lacks
     */
    @JsonbPropertyOrder({"status", "trouble", "timestamp", "backlog", "version"})
    public record HealthView(String status, String trouble, Instant timestamp, Backlog backlog, String version) {}

    /** Reports that wait for the store, and how many may. */
    public record Backlog(int waiting, int most) {}

    /** Live connections right now, through all doors: exactly {@code {"connections":n}}. */
    @GET
    @Path("ws-status")
    public Map<String, Integer> connections() {
        return Map.of("connections", hub.size());
    }

    /** 200 {@code {"status":"ok",…}}, or 503 {@code {"status":"unavailable","trouble":"…",…}}. */
    @GET
    @Path("health")
    public Response health(@Context HttpServletRequest request) {
        String trouble = health.trouble().orElse(null);
        Backlog backlog = new Backlog(positions.waiting(), PositionStore.MAX_WAITING);
        String version = key.isOperator(request) ? Version.of(request.getServletContext()) : null;
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return Response.status(trouble == null ? 200 : 503)
                .entity(new HealthView(trouble == null ? "ok" : "unavailable", trouble, now, backlog, version))
                .build();
    }
}
