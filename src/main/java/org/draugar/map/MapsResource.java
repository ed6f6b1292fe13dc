package org.draugar.map;

import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import org.draugar.family.Caller;
import org.draugar.settings.Settings;
import org.draugar.settings.StreetMap;

/** Tells members which maps there are. Nobody else: an address may hold the operator's key. */
@Path("maps")
@Produces(MediaType.APPLICATION_JSON)
public class MapsResource {

    @Inject
    private Settings settings;

    /** {@code {"street"}}; without it, everything that is drawn comes from this server. */
    public record MapsView(StreetMapView street) {}

    /** {@code {"kind","url","attribution","host"}}; without the host it is this server. */
    @JsonbPropertyOrder({"kind", "url", "attribution", "host"})
    public record StreetMapView(String kind, String url, String attribution, String host) {}

    /** The street map that the operator has set, and who learns where people look by it. */
    @GET
    public MapsView maps(@Context SecurityContext security) {
        Caller.of(security);
        return new MapsView(settings.streetMap().map(MapsResource::view).orElse(null));
    }

    private static StreetMapView view(StreetMap map) {
        return new StreetMapView(
                map.kind().toString(), map.url(), map.attribution(), map.host().orElse(null));
    }
}
