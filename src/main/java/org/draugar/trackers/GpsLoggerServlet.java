package org.draugar.trackers;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.draugar.family.Caller;

/**
 * {@code /gpslogger}: GPSLogger's custom URL (gpslogger.app), with a body, a query or both, by any of its methods. At
 * {@code /gpslogger/owntracks} it sends a body in the shape of OwnTracks'. Any 2xx makes the app content.
 */
@WebServlet(
        urlPatterns = {
            "/gpslogger",
            "/gpslogger/",
            GpsLoggerServlet.LIKE_OWNTRACKS,
            GpsLoggerServlet.LIKE_OWNTRACKS + "/"
        },
        asyncSupported = true)
public class GpsLoggerServlet extends TrackerServlet {
    static final String LIKE_OWNTRACKS = "/gpslogger/owntracks";

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
    protected void doPut(HttpServletRequest request, HttpServletResponse response) throws IOException {
        take(request, response);
    }

    @Override
    Optional<String> secret(TrackerRequest message) {
        return message.password();
    }

    @Override
    Set<App> apps() {
        return Set.of(App.GPSLOGGER);
    }

    @Override
    void refuse(HttpServletResponse response) throws IOException {
        askForPassword(response);
    }

    @Override
    ParsedRequest read(TrackerRequest message) {
        return message.path().equals(LIKE_OWNTRACKS) ? OwnTracks.readFromGpsLogger(message) : GpsLogger.read(message);
    }

    @Override
    Reply reply(Caller caller, ParsedRequest reading) {
        return Reply.EMPTY;
    }

    @Override
    List<String> methods() {
        return List.of("GET", "POST", "PUT");
    }
}
