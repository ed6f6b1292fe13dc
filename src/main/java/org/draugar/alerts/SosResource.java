package org.draugar.alerts;

import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;
import org.draugar.http.Body;
import org.draugar.http.Problem;

/** Calls for help. */
@Path("sos")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class SosResource {
    private static final int MAX_MESSAGE = 500;

    @Inject
    private Calls calls;

    /** {@code {"message"}}, or nothing. */
    public record SosRequest(String message) {}

    /** {@code {"id"}}. */
    public record NewSosView(String id) {}

    /** {@code {"id","userId","at","message","acknowledgedBy","endedAt"}}; the message may be null, {@code endedAt} is while it goes on. */
    public record SosView(
            String id,
            String userId,
            Instant at,
            @JsonbProperty(value = "message", nillable = true) String message,
            List<String> acknowledgedBy,
            @JsonbProperty(value = "endedAt", nillable = true) Instant endedAt) {

        static SosView of(Call call) {
            return new SosView(
                    Ids.text(call.id()),
                    call.member().toString(),
                    call.at(),
                    call.message(),
                    call.acknowledgedBy().stream().map(MemberId::toString).toList(),
                    call.endedAt().orElse(null));
        }
    }

    /** The family's of the last day, the newest first: {@code {"sos":[…]}}. */
    @GET
    public Map<String, List<SosView>> list(@Context SecurityContext security) {
        return Map.of(
                "sos",
                calls.list(Caller.of(security).family()).stream()
                        .map(SosView::of)
                        .toList());
    }

    /** Calls for help, and ends the caller's pause: 201, 400. While a call goes on, it is the same one. */
    @POST
    public Response call(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        String message = Body.readOrEmpty(body, SosRequest.class)
                .map(SosRequest::message)
                .orElse(null);
        if (message != null && message.codePointCount(0, message.length()) > MAX_MESSAGE) {
            throw new Problem(400, "message: too long; expected at most " + MAX_MESSAGE + " characters");
        }
        Call call = calls.call(caller.family(), caller.member(), message);
        return Response.status(201).entity(new NewSosView(Ids.text(call.id()))).build();
    }

    /** Says that the caller has seen it: 204, 404. */
    @POST
    @Path("{id}/acknowledge")
    public void acknowledge(@PathParam("id") String id, @Context SecurityContext security) {
        calls.acknowledge(Caller.of(security), Ids.parse(id));
    }

    /** Ends it, by its sender: 204, 403, 404. */
    @DELETE
    @Path("{id}")
    public void end(@PathParam("id") String id, @Context SecurityContext security) {
        calls.end(Caller.of(security), Ids.parse(id));
    }
}
