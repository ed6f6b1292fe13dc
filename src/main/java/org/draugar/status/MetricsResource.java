package org.draugar.status;

import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import org.draugar.delivery.Hub;
import org.draugar.identity.ClientAddress;
import org.draugar.location.Journal;
import org.draugar.operator.OperatorKey;

/**
 * The same for monitors, in the text format of Prometheus (version 0.0.4). Where one family lives, how many positions are
 * stored tells when it is on the move: so it is for the person who runs the server, and for programs on its machine.
 */
@Path("metrics")
public class MetricsResource {
    @Inject
    private Hub hub;

    @Inject
    private Journal journal;

    @Inject
    private OperatorKey key;

    @Inject
    private ClientAddress clientAddress;

    /** All metrics; 401 from elsewhere without the operator's key. */
    @GET
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    public String metrics(@HeaderParam("Authorization") String authorization, @Context HttpServletRequest request) {
        if (!clientAddress.isOnThisMachine(request)) {
            key.require(authorization);
        }
        StringBuilder text = new StringBuilder();
        add(text, "draugar_connections", "gauge", "Live connections right now, through all doors.", hub.size());
        add(text, "draugar_store_waiting", "gauge", "Positions that wait for the store.", journal.waiting());
        add(text, "draugar_store_waiting_most", "gauge", "How many may wait.", Journal.MOST_WAITING);
        add(text, "draugar_positions_stored_total", "counter", "Positions made safe since the start.", journal.count());
        return text.toString();
    }

    private static void add(StringBuilder text, String name, String type, String help, long value) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        text.append(name).append(' ').append(value).append('\n');
    }
}
