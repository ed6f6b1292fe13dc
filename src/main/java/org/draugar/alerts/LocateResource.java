package org.draugar.alerts;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;

/** Asks a member where they are. */
@Path("users/{id}/locate")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class LocateResource {
    @Inject
    private Families families;

    @Inject
    private Locating locating;

    /** 202: they are asked. 404 for nobody else in the family, 429 less than five minutes after the last time. */
    @POST
    public Response ask(@PathParam("id") String id, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        MemberId whom = families.members(caller.family()).stream()
                .map(member -> member.id())
                .filter(member -> member.toString().equals(id) && !member.equals(caller.member()))
                .findFirst()
                .orElseThrow(() -> new Problem(404, "There is no such other member in your family"));
        locating.ask(caller, whom);
        return Response.status(202).build();
    }
}
