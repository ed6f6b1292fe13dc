package org.draugar.status;

import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.draugar.delivery.Hub;
import org.draugar.location.Journal;
import org.draugar.store.Store;

/** Status for people, monitors and load balancers; tells nothing about anybody. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class StatusResource {
    @Inject
    private Hub hub;

    @Inject
    private Store store;

    @Inject
    private Journal journal;

    /** How the server is. */
    @JsonbPropertyOrder({"status", "timestamp", "backlog"})
    public record Health(String status, Instant timestamp, Backlog backlog) {}

    /** Reports that wait for the store, and how many may. */
    public record Backlog(int waiting, int most) {}

    /** Live connections right now, through all doors: exactly {@code {"connections":n}}. */
    @GET
    @Path("ws-status")
    public Map<String, Integer> connections() {
        return Map.of("connections", hub.size());
    }

    /** 200 {@code {"status":"ok",…}}, or 503 {@code {"status":"unavailable",…}} when the store does not answer. */
    @GET
    @Path("health")
    public Response health() {
        boolean ok = store.answers();
        Backlog backlog = new Backlog(journal.waiting(), Journal.MOST_WAITING);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return Response.status(ok ? 200 : 503)
                .entity(new Health(ok ? "ok" : "unavailable", now, backlog))
                .build();
    }
}
