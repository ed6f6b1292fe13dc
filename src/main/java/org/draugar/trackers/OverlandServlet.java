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
 * {@code POST /overland}: Overland (github.com/aaronpk/Overland-iOS), with its access token. Whatever is not answered with
 * exactly {@code {"result":"ok"}} the app sends again.
 */
@WebServlet(
        urlPatterns = {"/overland", "/overland/"},
        asyncSupported = true)
public class OverlandServlet extends TrackerServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        take(request, response);
    }

    @Override
    Optional<String> secret(TrackerRequest message) {
        return message.bearer();
    }

    @Override
    Set<App> apps() {
        return Set.of(App.OVERLAND);
    }

    @Override
    void refuse(HttpServletResponse response) throws IOException {
        response.setHeader("WWW-Authenticate", "Bearer");
        Refusal.send(response, 401, "This access token is not known here: set the tracker up again");
    }

    @Override
    ParsedRequest read(TrackerRequest message) {
        return Overland.read(message);
    }

    @Override
    Reply reply(Caller caller, ParsedRequest reading) {
        return new Reply("application/json", "{\"result\":\"ok\"}");
    }

    @Override
    List<String> methods() {
        return List.of("POST");
    }
}
