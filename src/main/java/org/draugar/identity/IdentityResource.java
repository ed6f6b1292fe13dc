package org.draugar.identity;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
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
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.draugar.family.Caller;
import org.draugar.family.Code;
import org.draugar.family.DeviceAdded;
import org.draugar.family.DeviceId;
import org.draugar.family.Families;
import org.draugar.family.FamilyEvent;
import org.draugar.family.Here;
import org.draugar.family.MemberJoined;
import org.draugar.family.Name;
import org.draugar.http.Body;
import org.draugar.http.Problem;
import org.draugar.identity.ClientAddress.Source;

/** Joining, leaving, and the devices of the family. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class IdentityResource {
    @Inject
    private Joining joining;

    @Inject
    private Devices devices;

    @Inject
    private Throttle throttle;

    @Inject
    private ClientAddress clientAddress;

    @Inject
    private SigningOut signingOut;

    @Inject
    @Here
    private Event<FamilyEvent> facts;

    @Inject
    private Event<SecretRefused> refusals;

    /** {@code {"code","name","device"}}; {@code device}, what it is to be called, may be left out. */
    public record JoinRequest(String code, String name, String device) {}

    /** {@code {"family","name","device"}}. */
    public record SignUpRequest(String family, String name, String device) {}

    /** {@code {"name"}}. */
    public record DeviceRequest(String name) {}

    /** {@code {"code"}}. */
    public record CodeRequest(String code) {}

    /** {@code {"token","user":{"id","name"}}}. */
    public record JoinedView(String token, UserView user) {
        static JoinedView of(Joining.Joined joined) {
            return new JoinedView(joined.token(), new UserView(joined.member().toString(), joined.name()));
        }
    }

    /** {@code {"id","name"}}. */
    public record UserView(String id, String name) {}

    /** {@code {"id","userId","name","createdAt","lastSeenAt","current"}}. */
    public record DeviceView(
            String id, String userId, String name, Instant createdAt, Instant lastSeenAt, boolean current) {}

    /**
     * Joins a family with a code: 201, 400 for a wrong one, 429 after too many wrong ones. Who comes with the token of a
     * device gives that one up: it is signed out.
     */
    @POST
    @Path("auth/join")
    public Response join(InputStream body, @Context HttpServletRequest request) {
        JoinRequest wanted = Body.read(body, JoinRequest.class);
        // Before the attempt counts: a bad name says nothing about who is guessing.
        String name = Name.check("name", wanted.name());
        Source source = clientAddress.of(request);
        throttle.attempt(source);
        Joining.Joined joined = Code.parse(wanted.code())
                .flatMap(code -> joining.join(code, name, wanted.device()))
                .orElseThrow(() -> {
                    refusals.fire(new SecretRefused());
                    return new Problem(400, "Invalid or expired invite code");
                });
        throttle.forgive(source);
        return welcome(joined, request);
    }

    /**
     * Whether a code would work: {@code {"valid":true,"code"}}, with the {@code name} of the member whose new device it
     * signs in, and {@code first} where it starts the first family; or {@code {"valid":false}}; 429 as for joining.
     */
    @POST
    @Path("invites/validate")
    public Map<String, Object> validate(InputStream body, @Context HttpServletRequest request) {
        CodeRequest wanted = Body.read(body, CodeRequest.class);
        Source source = clientAddress.of(request);
        throttle.attempt(source);
        Optional<Code> code = Code.parse(wanted.code());
        Optional<Families.Offer> offer = code.flatMap(joining::offer);
        if (offer.isEmpty()) {
            refusals.fire(new SecretRefused());
            return Map.of("valid", false);
        }
        throttle.forgive(source);
        Map<String, Object> answer =
                new HashMap<>(Map.of("valid", true, "code", code.get().text()));
        offer.get().member().ifPresent(name -> answer.put("name", name));
        if (offer.get().first()) {
            answer.put("first", true);
        }
        return answer;
    }

    /**
     * Starts a family of one's own where sign-up is open: 201 like joining, also for a device to give up, else 403; 429
     * after too many.
     */
    @POST
    @Path("families")
    public Response signUp(InputStream body, @Context HttpServletRequest request) {
        SignUpRequest wanted = Body.read(body, SignUpRequest.class);
        Source from = clientAddress.isOnThisMachine(request) ? Source.HERE : clientAddress.of(request);
        return welcome(joining.signUp(wanted.family(), wanted.name(), wanted.device(), from), request);
    }

    private Response welcome(Joining.Joined joined, HttpServletRequest request) {
        facts.fire(
                joined.isNew()
                        ? new MemberJoined(joined.family(), joined.member(), joined.device(), joined.invite())
                        : new DeviceAdded(joined.family(), joined.member(), joined.device()));
        if (request.getUserPrincipal() instanceof Caller before) {
            signingOut.one(before.family(), before.member(), before.device(), before.member());
        }
        return Response.status(201).entity(JoinedView.of(joined)).build();
    }

    /** Who the token belongs to. */
    @GET
    @Path("auth/me")
    public UserView me(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        return new UserView(caller.member().toString(), caller.memberName());
    }

    /** Signs this device out. */
    @POST
    @Path("auth/leave")
    public void leave(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        signingOut.one(caller.family(), caller.member(), caller.device(), caller.member());
    }

    /** The signed-in devices of the family for an admin, of oneself for a member: {@code {"devices":[…]}}. */
    @GET
    @Path("devices")
    public Map<String, List<DeviceView>> list(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        return Map.of(
                "devices",
                mayManage(caller)
                        .map(device -> new DeviceView(
                                device.id().toString(),
                                device.member().toString(),
                                device.name(),
                                device.createdAt(),
                                device.lastSeenAt(),
                                device.id().equals(caller.device())))
                        .toList());
    }

    /** Renames a device, by those who may sign it out: 204, 400, 404. */
    @PATCH
    @Path("devices/{id}")
    public void rename(@PathParam("id") String id, InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        String name = Name.check("name", Body.read(body, DeviceRequest.class).name());
        devices.rename(find(caller, id).id(), name);
    }

    /** Signs a device out: its live connections close within a second. 404 when it is not one's own to remove. */
    @DELETE
    @Path("devices/{id}")
    public void remove(@PathParam("id") String id, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        Device device = find(caller, id);
        signingOut.one(caller.family(), device.member(), device.id(), caller.member());
    }

    private Device find(Caller caller, String id) {
        DeviceId wanted = DeviceId.parse(id).orElseThrow(IdentityResource::noSuchDevice);
        return mayManage(caller)
                .filter(device -> device.id().equals(wanted))
                .findFirst()
                .orElseThrow(IdentityResource::noSuchDevice);
    }

    private java.util.stream.Stream<Device> mayManage(Caller caller) {
        return devices.list(caller.family()).stream()
                .filter(device -> caller.isAdmin() || device.member().equals(caller.member()));
    }

    private static Problem noSuchDevice() {
        return new Problem(404, "There is no such device among those you may remove");
    }
}
