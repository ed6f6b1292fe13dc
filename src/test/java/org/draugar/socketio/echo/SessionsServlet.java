package org.draugar.socketio.echo;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.IntSupplier;

/** How many sessions there are, so that a test can see that none is left behind. */
final class SessionsServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient IntSupplier sessions;

    SessionsServlet(IntSupplier sessions) {
        this.sessions = sessions;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter().print(sessions.getAsInt());
    }
}
