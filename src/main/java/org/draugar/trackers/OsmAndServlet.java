package org.draugar.trackers;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.draugar.family.Caller;
import org.draugar.http.Refusal;

/**
 * {@code /osmand}: Traccar Client, OsmAnd and others that speak its protocol (traccar.org/osmand). An unknown identifier
 * is 404, as with Traccar; whatever else is not answered with 200 the app sends again before anything newer.
 */
@WebServlet(
        urlPatterns = {"/osmand", "/osmand/"},
        asyncSupported = true)
public class OsmAndServlet extends TrackerServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        take(request, response);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        take(request, response);
    }

    @Override
    Optional<String> secret(TrackerRequest message) {
        return OsmAnd.secret(message);
    }

    /** In a form or in JSON. */
    @Override
    boolean mayHaveSecretInBody() {
        return true;
    }

    @Override
    Set<App> apps() {
        return Set.of(App.TRACCAR, App.OSMAND);
    }

    @Override
    void refuse(HttpServletResponse response) throws IOException {
        Refusal.send(response, 404, "This device identifier is not known here: copy it again");
    }

    @Override
    ParsedRequest read(TrackerRequest message) {
        return OsmAnd.read(message);
    }

    @Override
    Reply reply(Caller caller, ParsedRequest reading) {
        return Reply.EMPTY;
    }

    @Override
    List<String> methods() {
        return List.of("GET", "POST");
    }
}
