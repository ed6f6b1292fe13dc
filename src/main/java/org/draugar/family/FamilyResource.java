package org.draugar.family;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbProperty;
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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.draugar.http.Body;
import org.draugar.http.Problem;
import org.draugar.settings.Settings;

/** The members of the caller's family, and invitations to it. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class FamilyResource {
    private static final int MAX_HOURS = 24 * 30;
    private static final int DEFAULT_HOURS = 24 * 7;
    /** A family of four with skin colours has eleven, a flag of a region seven. */
    private static final int MOST_EMOJI = 12;
    /** One holds the other device in their hand. */
    private static final Duration OWN_DEVICE = Duration.ofMinutes(15);

    private static final Duration DEVICE_OF_OTHERS = Duration.ofHours(24);

    @Inject
    private Families families;

    @Inject
    private Pauses pauses;

    @Inject
    private CurrentPlaces places;

    @Inject
    private Settings settings;

    @Inject
    @Here
    private Event<FamilyEvent> facts;

    /** {@code {"expiresInHours"}}, 1 to 720; 168, a week, when left out. */
    public record InviteRequest(Integer expiresInHours) {}

    /** {@code {"id","code","expiresAt"}}: the only time that the code is seen. */
    public record InviteView(String id, String code, String link, Instant expiresAt) {}

    /** {@code {"id","userId","createdAt","expiresAt"}}: who made it, and when; what is not known is left out. */
    public record OpenInviteView(String id, String userId, Instant createdAt, Instant expiresAt) {}

    /** {@code {"name","history","serverCanRead"}}; what is left out stays as it is. */
    public record FamilyRequest(String name, String history, Boolean serverCanRead) {}

    /** {@code {"id","name","history","serverCanRead"}}; the history is {@code off} or a time such as {@code 30d}. */
    public record FamilyView(String id, String name, String history, boolean serverCanRead) {}

    /**
     * {@code {"name","role","shownInApps","colour","emoji"}}; what is left out stays as it is.
     *
     * @param emoji empty for none
     */
    public record MemberRequest(String name, String role, Boolean shownInApps, Integer colour, String emoji) {}

    /** {@code {"code","link","expiresAt"}}: the only time that the code is seen. */
    public record DeviceCodeView(String code, String link, Instant expiresAt) {}

    /**
     * {@code {"id","name","role","joinedAt","paused","pausedUntil","shownInApps","colour","emoji","place"}}; no place is
     * null.
     */
    public record MemberView(
            String id,
            String name,
            String role,
            Instant joinedAt,
            boolean paused,
            Instant pausedUntil,
            boolean shownInApps,
            int colour,
            String emoji,
            @JsonbProperty(value = "place", nillable = true) CurrentPlace place) {}

    /** The family's members: {@code {"users":[…]}}. */
    @GET
    @Path("users")
    public Map<String, List<MemberView>> members(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        Map<MemberId, CurrentPlace> current = places.of(caller.family());
        return Map.of(
                "users",
                families.members(caller.family()).stream()
                        .map(member -> view(member, current.get(member.id())))
                        .toList());
    }

    private MemberView view(Member member, CurrentPlace place) {
        Optional<Pause> pause = pauses.current(member.id());
        return new MemberView(
                member.id().toString(),
                member.name(),
                member.role().name().toLowerCase(java.util.Locale.ROOT),
                member.joinedAt(),
                pause.isPresent(),
                pause.map(Pause::until).orElse(null),
                member.shownInApps(),
                member.colour(),
                member.emoji(),
                place);
    }

    /** The caller's family: its name, how long it keeps positions, and whether the server can read encrypted ones. */
    @GET
    @Path("family")
    public FamilyView family(@Context SecurityContext security) {
        return view(families.family(Caller.of(security).family()));
    }

    /**
     * Changes the family's name, how long it keeps positions, or whether the server makes the keys and so can read
     * encrypted ones, by an admin: 200 with what is so now.
     */
    @PATCH
    @Path("family")
    public FamilyView change(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        caller.requireAdmin();
        FamilyRequest wanted = Body.read(body, FamilyRequest.class);
        Family before = families.family(caller.family());
        Family after = new Family(
                before.id(),
                wanted.name() == null ? before.name() : Name.check("name", wanted.name()),
                wanted.history() == null ? before.history() : Optional.of(term(wanted.history())),
                wanted.serverCanRead() == null ? before.serverCanRead() : wanted.serverCanRead());
        families.update(after);
        if (!after.history().equals(before.history())) {
            facts.fire(new HistoryTermChanged(caller.family()));
        }
        if (before.serverCanRead() && !after.serverCanRead()) {
            facts.fire(new GroupKeyForgotten(caller.family()));
        }
        return view(after);
    }

    private FamilyView view(Family family) {
        return new FamilyView(
                family.id().toString(),
                family.name(),
                Settings.words(family.term(settings.history())),
                family.serverCanRead());
    }

    private Duration term(String words) {
        Duration term =
                Settings.term(words).orElseThrow(() -> new Problem(400, "history: expected " + Settings.A_TERM));
        if (term.compareTo(settings.history()) > 0) {
            throw new Problem(
                    400, "history: this server keeps positions for at most " + Settings.words(settings.history()));
        }
        return term;
    }

    /**
     * Changes a member's name, colour or emoji, by themselves or an admin, their role, by an admin, or whether they show up
     * inside tracker apps, by nobody but themselves: 204, 400, 403, 404 or 409.
     */
    @PATCH
    @Path("users/{id}")
    public void change(@PathParam("id") String id, InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        MemberId member = member(id);
        MemberRequest wanted = Body.read(body, MemberRequest.class);
        if (!member.equals(caller.member()) || wanted.role() != null) {
            caller.requireAdmin();
        }
        if (!member.equals(caller.member()) && wanted.shownInApps() != null) {
            throw new Problem(403, "shownInApps: only the member themselves may change this");
        }
        String name = wanted.name() == null ? null : Name.check("name", wanted.name());
        Role role = wanted.role() == null ? null : role(wanted.role());
        Integer colour = wanted.colour();
        if (colour != null && (colour < 0 || colour >= Member.COLOURS)) {
            throw new Problem(400, "colour: expected 0 to " + (Member.COLOURS - 1));
        }
        String emoji = wanted.emoji() == null ? null : emoji(wanted.emoji());
        facts.fire(families.update(
                caller.family(),
                member,
                caller.member(),
                before -> new Member(
                        before.id(),
                        name == null ? before.name() : name,
                        role == null ? before.role() : role,
                        before.joinedAt(),
                        wanted.shownInApps() == null ? before.shownInApps() : wanted.shownInApps(),
                        colour == null ? before.colour() : colour,
                        emoji == null ? before.emoji() : emoji.isEmpty() ? null : emoji)));
    }

    /** What stands for somebody on a map must be short, and must not pass for the initials of somebody else. */
    private static String emoji(String text) {
        String clean = text.isBlank() ? "" : Name.check("emoji", text);
        if (clean.codePointCount(0, clean.length()) > MOST_EMOJI
                || clean.codePoints().anyMatch(Character::isLetter)) {
            throw new Problem(400, "emoji: expected one emoji, or nothing for none");
        }
        return clean;
    }

    private static Role role(String word) {
        return switch (word) {
            case "admin" -> Role.ADMIN;
            case "member" -> Role.MEMBER;
            default -> throw new Problem(400, "role: expected admin or member");
        };
    }

    private static MemberId member(String id) {
        return MemberId.parse(id).orElseThrow(() -> new Problem(404, "There is no such member in your family"));
    }

    /**
     * Removes a member with all that is theirs, by an admin or by themselves: 204, 404, or 409 for the last admin of
     * others. The last member of all takes the family along.
     */
    @DELETE
    @Path("users/{id}")
    public void remove(@PathParam("id") String id, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        MemberId member = member(id);
        if (!member.equals(caller.member())) {
            caller.requireAdmin();
        }
        families.removeMember(caller.family(), member);
        facts.fire(new MemberRemoved(caller.family(), member, caller.member()));
    }

    /**
     * Makes a code that signs one more device of a member in, for themselves or by an admin: 201, 403, 404. It lasts for
     * {@code OWN_DEVICE} or {@code DEVICE_OF_OTHERS}, and takes the place of an earlier one.
     */
    @POST
    @Path("users/{id}/device-codes")
    public Response deviceCode(@PathParam("id") String id, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        MemberId member = member(id);
        boolean own = member.equals(caller.member());
        if (!own) {
            caller.requireAdmin();
        }
        Code code = Code.random();
        Instant expiresAt =
                Instant.now().plus(own ? OWN_DEVICE : DEVICE_OF_OTHERS).truncatedTo(ChronoUnit.MILLIS);
        families.addDeviceCode(caller, member, code, expiresAt);
        facts.fire(new DeviceCodeMade(caller.family(), member, caller.member()));
        return Response.status(201)
                .entity(new DeviceCodeView(code.text(), link(code), expiresAt))
                .build();
    }

    /** Makes an invite code that one person can join with: 201, 409 for too many. Only an admin invites. */
    @POST
    @Path("invites")
    public Response invite(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        caller.requireAdmin();
        Integer hours = Body.readOrEmpty(body, InviteRequest.class)
                .map(InviteRequest::expiresInHours)
                .orElse(DEFAULT_HOURS);
        if (hours < 1 || hours > MAX_HOURS) {
            throw new Problem(400, "expiresInHours: expected 1 to " + MAX_HOURS);
        }
        Code code = Code.random();
        Instant expiresAt = Instant.now().plus(Duration.ofHours(hours)).truncatedTo(ChronoUnit.MILLIS);
        InviteId id = families.addInvite(caller, code, expiresAt);
        facts.fire(new InviteMade(caller.family(), id, caller.member()));
        return Response.status(201)
                .entity(new InviteView(id.toString(), code.text(), link(code), expiresAt))
                .build();
    }

    /** Null where the server's owner has not said where it is: a page knows its own address. */
    private String link(Code code) {
        return settings.url().map(url -> url + "/#/join/" + code.text()).orElse(null);
    }

    /** The invitations that somebody may still join with, for an admin: {@code {"invites":[…]}}. */
    @GET
    @Path("invites")
    public Map<String, List<OpenInviteView>> invites(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        caller.requireAdmin();
        return Map.of(
                "invites",
                families.openInvites(caller.family()).stream()
                        .map(invite -> new OpenInviteView(
                                invite.id().toString(),
                                invite.madeBy().toString(),
                                invite.madeAt(),
                                invite.expiresAt()))
                        .toList());
    }

    /** Withdraws an invitation, by an admin: 204, 404 when there is none that is open. */
    @DELETE
    @Path("invites/{id}")
    public void withdraw(@PathParam("id") String id, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        caller.requireAdmin();
        InviteId invite = InviteId.parse(id).orElseThrow(FamilyResource::noSuchInvite);
        if (!families.removeInvite(caller.family(), invite)) {
            throw noSuchInvite();
        }
        facts.fire(new InviteWithdrawn(caller.family(), invite, caller.member()));
    }

    private static Problem noSuchInvite() {
        return new Problem(404, "Your family has no such open invitation");
    }
}
