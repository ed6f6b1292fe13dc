package org.draugar.alerts;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.family.Ids;
import org.draugar.http.Body;
import org.draugar.http.Problem;
import org.draugar.places.PlaceId;
import org.draugar.places.Places;

/** When the caller wants to be back. */
@Path("check-ins")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class CheckInsResource {
    private static final Duration FURTHEST = Duration.ofDays(30);

    @Inject
    private CheckIns checkIns;

    @Inject
    private Places places;

    /** {@code {"by","placeId"}}; no place when it is left out. */
    public record CheckInRequest(String by, String placeId) {}

    /** {@code {"id","by","placeId"}}. */
    public record CheckInView(String id, Instant by, String placeId) {
        static CheckInView of(CheckIns.CheckIn checkIn) {
            return new CheckInView(
                    Ids.text(checkIn.id()),
                    checkIn.by(),
                    checkIn.place() == null ? null : checkIn.place().toString());
        }
    }

    /** The caller's own that are not done: {@code {"checkIns":[…]}}. */
    @GET
    public Map<String, List<CheckInView>> list(@Context SecurityContext security) {
        return Map.of(
                "checkIns",
                checkIns.of(Caller.of(security).member()).stream()
                        .map(CheckInView::of)
                        .toList());
    }

    /** Adds one: 201, 400, 409 when there are too many. */
    @POST
    public Response add(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        CheckInRequest wanted = Body.read(body, CheckInRequest.class);
        PlaceId place = wanted.placeId() == null
                ? null
                : places.list(caller.family()).stream()
                        .map(known -> known.id())
                        .filter(known -> known.toString().equals(wanted.placeId()))
                        .findFirst()
                        .orElseThrow(() -> new Problem(400, "placeId: there is no such place in your family"));
        return Response.status(201)
                .entity(CheckInView.of(checkIns.add(caller, moment(wanted.by()), place)))
                .build();
    }

    private static Instant moment(String text) {
        try {
            Instant by =
                    OffsetDateTime.parse(text == null ? "" : text).toInstant().truncatedTo(ChronoUnit.MILLIS);
            Instant now = Instant.now();
            if (by.isAfter(now) && by.isBefore(now.plus(FURTHEST))) {
                return by;
            }
        } catch (DateTimeParseException e) {
            // falls through to the message below
        }
        throw new Problem(400, "by: expected a moment within the next 30 days, such as 2026-11-23T22:00:00+01:00");
    }

    /** The caller is back: 204, 404. */
    @POST
    @Path("{id}/done")
    public void done(@PathParam("id") String id, @Context SecurityContext security) {
        checkIns.done(Caller.of(security), Ids.parse(id));
    }
}
