package org.draugar.places;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.http.Body;
import org.draugar.http.Problem;

/** The places of the caller's family. */
@Path("places")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PlacesResource {
    @Inject
    private Places places;

    /**
     * {@code {"name","latitude","longitude","radius","icon"}}; what is left out stays as it is. In a new one, only the icon
     * may be: it is {@code other} then.
     */
    public record PlaceRequest(String name, Double latitude, Double longitude, Double radius, String icon) {
        Place of(Place before) {
            return before.with(name, latitude, longitude, radius, icon);
        }
    }

    /** {@code {"id","name","latitude","longitude","radius","icon","createdBy"}}. */
    public record PlaceView(
            String id, String name, double latitude, double longitude, double radius, String icon, String createdBy) {

        static PlaceView of(Place place) {
            return new PlaceView(
                    place.id().toString(),
                    place.name(),
                    place.latitude(),
                    place.longitude(),
                    place.radius(),
                    place.icon(),
                    place.createdBy().toString());
        }
    }

    /** All of the family: {@code {"places":[…]}}. */
    @GET
    public Map<String, List<PlaceView>> list(@Context SecurityContext security) {
        return Map.of(
                "places",
                places.list(Caller.of(security).family()).stream()
                        .map(PlaceView::of)
                        .toList());
    }

    /** Makes a place: 201, 400, 409 when there are too many. */
    @POST
    public Response add(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        PlaceRequest wanted = Body.read(body, PlaceRequest.class);
        require("name", wanted.name());
        require("latitude", wanted.latitude());
        require("longitude", wanted.longitude());
        require("radius", wanted.radius());
        return Response.status(201)
                .entity(PlaceView.of(places.add(caller, wanted::of)))
                .build();
    }

    private static void require(String what, Object value) {
        if (value == null) {
            throw new Problem(400, what + ": missing; a place has a name, latitude, longitude and a radius in metres");
        }
    }

    /** Changes a place, by who made it or an admin: 200 with what is so now, 400, 403, 404. */
    @PATCH
    @Path("{id}")
    public PlaceView change(@PathParam("id") String id, InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        return PlaceView.of(places.change(caller, id, Body.read(body, PlaceRequest.class)::of));
    }

    /** Removes a place and the visits at it, by who made it or an admin: 204, 403, 404. */
    @DELETE
    @Path("{id}")
    public void remove(@PathParam("id") String id, @Context SecurityContext security) {
        places.remove(Caller.of(security), id);
    }
}
