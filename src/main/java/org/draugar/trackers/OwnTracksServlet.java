package org.draugar.trackers;

import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.draugar.family.Caller;
import org.draugar.location.Encrypted;

/**
 * {@code POST /owntracks}: OwnTracks in HTTP mode (owntracks.org/booklet/tech/http). The answer holds the family, so that
 * it shows up in the app, where the tracker's owner wants that. iOS deletes what is answered with 4xx, Android sends what is not answered with 2xx again and
 * again before anything else: so only a wrong password is 401, and only what could not be stored 503.
 */
@WebServlet(
        urlPatterns = {"/owntracks", "/owntracks/"},
        asyncSupported = true)
public class OwnTracksServlet extends TrackerServlet {
    private static final long serialVersionUID = 1L;

    @Inject
    private transient Friends friends;

    @Inject
    private transient Waypoints waypoints;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        take(request, response);
    }

    @Override
    Optional<String> secret(TrackerRequest message) {
        return message.password();
    }

    @Override
    Set<App> apps() {
        return Set.of(App.OWNTRACKS);
    }

    @Override
    void refuse(HttpServletResponse response) throws IOException {
        askForPassword(response);
    }

    @Override
    ParsedRequest read(TrackerRequest message) {
        return OwnTracks.read(message);
    }

    @Override
    Reply reply(Caller caller, ParsedRequest reading) {
        waypoints.keep(caller, reading.waypoints());
        Optional<Tracker> tracker = trackers().lately(caller.device());
        JsonArrayBuilder messages = Json.createArrayBuilder();
        if (tracker.filter(Tracker::familyInApp).isPresent()) {
            // The app gives up on the whole answer when it holds something encrypted and has no secret.
            boolean knowsSecret = reading.reports().stream().anyMatch(Encrypted.class::isInstance);
            messages = friends.messages(caller, knowsSecret);
        }
        if (tracker.filter(Tracker::commands).isPresent()) {
            friends.places(caller, reading.isByHand()).ifPresent(messages::add);
            friends.locate(caller).ifPresent(messages::add);
        }
        return new Reply("application/json", messages.build().toString());
    }

    @Override
    List<String> methods() {
        return List.of("POST");
    }
}
