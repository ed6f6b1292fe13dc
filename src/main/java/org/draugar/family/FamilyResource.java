package org.draugar.family;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.draugar.http.Body;
import org.draugar.http.Problem;

/** The members of the caller's family, and invitations to it. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class FamilyResource {
    private static final int MOST_HOURS = 24 * 30;

    @Inject
    private Families families;

    @Inject
    private Event<FamilyEvent> facts;

    /** {@code {"expiresInHours"}}, 1 to 720; 24 when left out. */
    public record InviteRequest(Integer expiresInHours) {}

    /** {@code {"code","expiresAt"}}. */
    public record InviteView(String code, Instant expiresAt) {}

    /** {@code {"id","name","role","joinedAt"}}. */
    public record MemberView(String id, String name, String role, Instant joinedAt) {}

    /** The family's members: {@code {"users":[…]}}. */
    @GET
    @Path("users")
    public Map<String, List<MemberView>> members(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        return Map.of(
                "users",
                families.members(caller.family()).stream()
                        .map(member -> new MemberView(
                                member.id().toString(),
                                member.name(),
                                member.role().name().toLowerCase(java.util.Locale.ROOT),
                                member.joinedAt()))
                        .toList());
    }

    /** Removes a member with all that is theirs, by an admin: 204, 404, or 409 for the last admin. */
    @DELETE
    @Path("users/{id}")
    public void remove(@PathParam("id") String id, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        caller.requireAdmin();
        MemberId member =
                MemberId.parse(id).orElseThrow(() -> new Problem(404, "There is no such member in your family"));
        families.removeMember(caller.family(), member);
        facts.fire(new MemberRemoved(caller.family(), member));
    }

    /** Makes an invite code that one person can join with: 201. Only an admin invites. */
    @POST
    @Path("invites")
    public Response invite(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        caller.requireAdmin();
        Integer hours = Body.readOrEmpty(body, InviteRequest.class)
                .map(InviteRequest::expiresInHours)
                .orElse(24);
        if (hours < 1 || hours > MOST_HOURS) {
            throw new Problem(400, "expiresInHours: expected 1 to " + MOST_HOURS);
        }
        Code code = Code.random();
        Instant expiresAt = Instant.now().plus(Duration.ofHours(hours)).truncatedTo(ChronoUnit.MILLIS);
        families.addInvite(caller.family(), caller.member(), code, expiresAt);
        return Response.status(201)
                .entity(new InviteView(code.text(), expiresAt))
                .build();
    }
}
