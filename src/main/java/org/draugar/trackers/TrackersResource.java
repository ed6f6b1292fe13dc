package org.draugar.trackers;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
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
import java.util.List;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.family.DeviceAdded;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyEvent;
import org.draugar.family.Here;
import org.draugar.family.Name;
import org.draugar.http.Body;
import org.draugar.http.Problem;
import org.draugar.identity.ClientAddress;

/** Setting trackers up, and how they do. A tracker goes like any device, by {@code DELETE /api/devices/{id}}. */
@Path("trackers")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class TrackersResource {
    private static final int LEAST_MINUTES = 5;
    private static final int MAX_MINUTES = 90 * 24 * 60;

    @Inject
    private Trackers trackers;

    @Inject
    private ClientAddress clientAddress;

    @Inject
    @Here
    private Event<FamilyEvent> facts;

    /** {@code {"app","name","shownToFamily","familyInApp","commands"}}; each flag is false when left out. */
    public record NewTrackerRequest(
            String app, String name, Boolean shownToFamily, Boolean familyInApp, Boolean commands) {}

    /** {@code {"name","shownToFamily","familyInApp","commands","silentAfterMinutes"}}; what is left out stays. */
    public record TrackerRequest(
            String name, Boolean shownToFamily, Boolean familyInApp, Boolean commands, Integer silentAfterMinutes) {}

    /** A tracker and how it does; what is not known is left out. */
    public record TrackerView(
            String id,
            String userId,
            String name,
            String app,
            Instant createdAt,
            String state,
            Instant contactAt,
            Instant firstPositionAt,
            Instant lastPositionAt,
            Double battery,
            Boolean charging,
            String trouble,
            Instant troubleAt,
            boolean shownToFamily,
            boolean familyInApp,
            boolean commands,
            long silentAfterMinutes) {

        static TrackerView of(Tracker tracker) {
            Tracker.Health health = tracker.health();
            return new TrackerView(
                    tracker.id().toString(),
                    tracker.member().toString(),
                    tracker.name(),
                    tracker.app().word(),
                    tracker.createdAt(),
                    tracker.state(Instant.now()).word(),
                    health.contactAt(),
                    health.firstPositionAt(),
                    health.lastPositionAt(),
                    health.battery(),
                    health.charging(),
                    health.trouble(),
                    health.troubleAt(),
                    tracker.shownToFamily(),
                    tracker.familyInApp(),
                    tracker.commands(),
                    tracker.silentAfter().toMinutes());
        }
    }

    /** What an app must be told, see {@link SetUp}. */
    public record SetUpView(
            String url, String user, String password, String link, String qr, Map<String, String> texts) {

        static SetUpView of(SetUp setUp) {
            return new SetUpView(setUp.url(), setUp.user(), setUp.password(), setUp.link(), setUp.qr(), setUp.texts());
        }
    }

    /** {@code {"tracker","setUp"}}: the only time that the secret is seen. */
    public record NewTrackerView(TrackerView tracker, SetUpView setUp) {}

    /** Makes a tracker of the caller's own: 201 with what the app must be told; 400, 409 when there are too many. */
    @POST
    public Response add(InputStream body, @Context HttpServletRequest request, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        NewTrackerRequest wanted = Body.read(body, NewTrackerRequest.class);
        App app = App.parse(wanted.app())
                .orElseThrow(() -> new Problem(400, "app: expected owntracks, traccar, osmand, overland or gpslogger"));
        String name = Name.check("name", wanted.name());
        Trackers.Made made = trackers.add(
                caller,
                app,
                name,
                Boolean.TRUE.equals(wanted.shownToFamily()),
                Boolean.TRUE.equals(wanted.familyInApp()),
                Boolean.TRUE.equals(wanted.commands()));
        facts.fire(
                new DeviceAdded(caller.family(), caller.member(), made.tracker().id()));
        SetUp setUp = SetUp.of(made.tracker(), made.secret(), clientAddress.server(request), caller.memberName());
        return Response.status(201)
                .entity(new NewTrackerView(TrackerView.of(made.tracker()), SetUpView.of(setUp)))
                .build();
    }

    /** A member who reports by tracker, how long it may say nothing, and when it will be silent for too long. */
    public record TrackedView(String userId, long silentAfterMinutes, Instant silentAt) {}

    /** {@code {"trackers":[…],"tracked":[…]}}. */
    public record TrackersView(List<TrackerView> trackers, List<TrackedView> tracked) {}

    /**
     * The caller's trackers and those that others in the family show; and all members who report by tracker, so that their
     * last position counts for as long as it may.
     */
    @GET
    public TrackersView list(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        return new TrackersView(
                trackers.list(caller).stream().map(TrackerView::of).toList(),
                trackers.tracked(caller.family()).stream()
                        .map(tracked -> new TrackedView(
                                tracked.member().toString(),
                                tracked.silentAfter().toMinutes(),
                                tracked.silentAt()))
                        .toList());
    }

    /** Changes a tracker of the caller's own: 200 with what is so now, 400, 404. */
    @PATCH
    @Path("{id}")
    public TrackerView change(@PathParam("id") String id, InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        TrackerRequest wanted = Body.read(body, TrackerRequest.class);
        DeviceId device = DeviceId.parse(id).orElseThrow(Trackers::noSuchTracker);
        String name = wanted.name() == null ? null : Name.check("name", wanted.name());
        Integer minutes = wanted.silentAfterMinutes();
        if (minutes != null && (minutes < LEAST_MINUTES || minutes > MAX_MINUTES)) {
            throw new Problem(400, "silentAfterMinutes: expected " + LEAST_MINUTES + " to " + MAX_MINUTES);
        }
        return TrackerView.of(trackers.change(
                caller,
                device,
                before -> new Tracker(
                        before.id(),
                        before.family(),
                        before.member(),
                        name == null ? before.name() : name,
                        before.app(),
                        before.createdAt(),
                        wanted.shownToFamily() == null ? before.shownToFamily() : wanted.shownToFamily(),
                        wanted.familyInApp() == null ? before.familyInApp() : wanted.familyInApp(),
                        wanted.commands() == null ? before.commands() : wanted.commands(),
                        minutes == null ? before.silentAfter() : Duration.ofMinutes(minutes),
                        before.health())));
    }
}
