package org.draugar.status;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import org.draugar.delivery.Hub;
import org.draugar.location.Journal;

/** The same for monitors, in the text format of Prometheus (version 0.0.4); tells nothing about anybody. */
@Path("metrics")
public class MetricsResource {
    @Inject
    private Hub hub;

    @Inject
    private Journal journal;

    /** All metrics. */
    @GET
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    public String metrics() {
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
