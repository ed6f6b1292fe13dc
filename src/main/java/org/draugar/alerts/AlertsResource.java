package org.draugar.alerts;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;
import org.draugar.http.Body;
import org.draugar.http.Problem;
import org.draugar.places.PlaceId;
import org.draugar.places.Places;

/** What the caller wants to be told, and what others are told about the caller. */
@Path("alerts")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class AlertsResource {
    private static final String ANYONE = "anyone";
    /** Everybody has this one from the beginning. */
    private static final AlertView SOS = new AlertView("sos", ANYONE, "sos", null, null, null, null, null, false);

    @Inject
    private Alerts alerts;

    @Inject
    private Calls calls;

    @Inject
    private Families families;

    @Inject
    private Places places;

    /**
     * {@code {"about","kind","placeId","days","from","to","timeZone","once"}}; in a change, what is left out stays. An empty
     * {@code placeId}, {@code from} or list of {@code days} is none.
     */
    public record AlertRequest(
            String about,
            String kind,
            String placeId,
            List<Integer> days,
            String from,
            String to,
            String timeZone,
            Boolean once) {}

    /** The same with its id; what there is none of is left out. */
    public record AlertView(
            String id,
            String about,
            String kind,
            String placeId,
            List<Integer> days,
            String from,
            String to,
            String timeZone,
            boolean once) {

        static AlertView of(Alert alert) {
            return new AlertView(
                    Ids.text(alert.id()),
                    alert.about() == null ? ANYONE : alert.about().toString(),
                    alert.kind().name().toLowerCase(Locale.ROOT),
                    alert.place() == null ? null : alert.place().toString(),
                    alert.days().isEmpty() ? null : alert.days(),
                    alert.from() == null ? null : alert.from().toString(),
                    alert.until() == null ? null : alert.until().toString(),
                    alert.zone() == null ? null : alert.zone().getId(),
                    alert.once());
        }
    }

    /** {@code {"userId","kind","placeId","days","from","to","timeZone","once"}}: who is told what about the caller. */
    public record AboutMeView(
            String userId,
            String kind,
            String placeId,
            List<Integer> days,
            String from,
            String to,
            String timeZone,
            boolean once) {

        static AboutMeView of(Alert alert) {
            AlertView view = AlertView.of(alert);
            return new AboutMeView(
                    alert.to().toString(),
                    view.kind(),
                    view.placeId(),
                    view.days(),
                    view.from(),
                    view.to(),
                    view.timeZone(),
                    view.once());
        }
    }

    /** The caller's own: {@code {"alerts":[…]}}. */
    @GET
    public Map<String, List<AlertView>> list(@Context SecurityContext security) {
        MemberId member = Caller.of(security).member();
        return Map.of(
                "alerts",
                Stream.concat(
                                calls.isWanted(member) ? Stream.of(SOS) : Stream.empty(),
                                alerts.of(member).stream().map(AlertView::of))
                        .toList());
    }

    /** Who is told what about the caller; of an SOS everybody is: {@code {"alerts":[…]}}. */
    @GET
    @Path("about-me")
    public Map<String, List<AboutMeView>> aboutMe(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        return Map.of(
                "alerts",
                alerts.about(caller.family(), caller.member()).stream()
                        .map(AboutMeView::of)
                        .toList());
    }

    /** Adds one: 201, 400, 409 when there are too many. */
    @POST
    public Response add(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        AlertRequest wanted = Body.read(body, AlertRequest.class);
        if ("sos".equals(wanted.kind())) {
            calls.want(caller.member(), true);
            return Response.status(201).entity(SOS).build();
        }
        if (wanted.about() == null) {
            throw new Problem(400, "about: missing; expected a member's id, or anyone");
        }
        Alert alert = changed(
                caller,
                wanted,
                new Alert(
                        Ids.random(),
                        caller.member(),
                        null,
                        kind(wanted.kind()),
                        null,
                        List.of(),
                        null,
                        null,
                        null,
                        false));
        alerts.add(caller, alert);
        return Response.status(201).entity(AlertView.of(alert)).build();
    }

    /** Changes one: 200 with what is so now, 400, 404. */
    @PATCH
    @Path("{id}")
    public AlertView change(@PathParam("id") String id, InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        AlertRequest wanted = Body.read(body, AlertRequest.class);
        return AlertView.of(alerts.change(caller, Ids.parse(id), before -> changed(caller, wanted, before)));
    }

    /**
     * Removes one: 204, 404. With the id {@code sos}, the caller is not told of calls for help any more: 409 unless
     * {@code confirm=true} says that this is meant.
     */
    @DELETE
    @Path("{id}")
    public void remove(
            @PathParam("id") String id, @QueryParam("confirm") String confirm, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        if (id.equals(SOS.id())) {
            if (!"true".equals(confirm)) {
                throw new Problem(
                        409, "You would not be told when somebody calls for help: if you mean it, say ?confirm=true");
            }
            calls.want(caller.member(), false);
        } else {
            alerts.remove(caller, Ids.parse(id));
        }
    }

    private Alert changed(Caller caller, AlertRequest wanted, Alert before) {
        Alert after = new Alert(
                before.id(),
                before.to(),
                wanted.about() == null ? before.about() : about(caller, wanted.about()),
                wanted.kind() == null ? before.kind() : kind(wanted.kind()),
                wanted.placeId() == null ? before.place() : place(caller, wanted.placeId()),
                wanted.days() == null ? before.days() : days(wanted.days()),
                wanted.from() == null ? before.from() : time("from", wanted.from()),
                wanted.to() == null ? before.until() : time("to", wanted.to()),
                wanted.timeZone() == null ? before.zone() : zone(wanted.timeZone()),
                wanted.once() == null ? before.once() : wanted.once());
        boolean isOfPlaces = after.kind() == Alert.Kind.ARRIVE || after.kind() == Alert.Kind.LEAVE;
        if (after.place() != null && !isOfPlaces) {
            throw new Problem(400, "placeId: only with arrive and leave");
        }
        if ((after.from() == null) != (after.until() == null)) {
            throw new Problem(400, "from, to: expected both or neither");
        }
        boolean hasTimes = after.from() != null || !after.days().isEmpty();
        if (hasTimes && after.zone() == null) {
            throw new Problem(400, "timeZone: missing; expected where these times are, such as Europe/Berlin");
        }
        return after;
    }

    private MemberId about(Caller caller, String id) {
        if (id.equals(ANYONE)) {
            return null;
        }
        return families.members(caller.family()).stream()
                .map(member -> member.id())
                .filter(member -> member.toString().equals(id))
                .findFirst()
                .orElseThrow(() -> new Problem(400, "about: expected the id of a member of your family, or anyone"));
    }

    private static Alert.Kind kind(String word) {
        return Stream.of(Alert.Kind.values())
                .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(() -> new Problem(400, "kind: expected arrive, leave, battery, silent or sos"));
    }

    private PlaceId place(Caller caller, String id) {
        if (id.isEmpty()) {
            return null;
        }
        return places.list(caller.family()).stream()
                .map(place -> place.id())
                .filter(place -> place.toString().equals(id))
                .findFirst()
                .orElseThrow(() -> new Problem(400, "placeId: there is no such place in your family"));
    }

    private static List<Integer> days(List<Integer> days) {
        if (days.stream().anyMatch(day -> day < 1 || day > 7)) {
            throw new Problem(400, "days: expected numbers from 1, Monday, to 7");
        }
        return List.copyOf(new TreeSet<>(days));
    }

    private static LocalTime time(String what, String text) {
        try {
            return text.isEmpty() ? null : LocalTime.parse(text.matches("[0-9]{2}:[0-9]{2}") ? text : "");
        } catch (DateTimeException e) {
            throw new Problem(400, what + ": expected a time such as 07:30");
        }
    }

    private static ZoneId zone(String name) {
        return Optional.of(name)
                .filter(ZoneId.getAvailableZoneIds()::contains)
                .map(ZoneId::of)
                .orElseThrow(() -> new Problem(400, "timeZone: expected a name such as Europe/Berlin"));
    }
}
