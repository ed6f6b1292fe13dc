package org.draugar.fallback;

import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.delivery.Connection;
import org.draugar.delivery.Hub;
import org.draugar.family.Caller;
import org.draugar.http.Refusal;
import org.draugar.protocol.Conversation;
import org.draugar.stream.Envelope;
import org.draugar.stream.Framing;
import org.draugar.transport.NonBlockingResponse;

/**
 * {@code GET /api/events}: the family's stream as server-sent events (WHATWG HTML, 9.2). Each has the event's name and
 * the payload as its data; a position has its offset as its id, so that a client that comes back says with
 * {@code Last-Event-ID}, or in the query {@code lastEventId}, where it left off. A servlet, not a JAX-RS resource: only non-blocking writes tell when a peer
 * does not read.
 */
@WebServlet(
        urlPatterns = {"/api/events", "/api/events/"},
        asyncSupported = true)
public class EventsServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Pattern LAST_EVENT_ID =
            Pattern.compile("(?:^|&)(?:last-?event-?id)=([0-9]{1,16})(?:&|$)", Pattern.CASE_INSENSITIVE);
    private static final Framing EVENT_STREAM = EventsServlet::frame;

    @Inject
    private transient Hub hub;

    @Inject
    private transient Conversation conversation;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!(request.getUserPrincipal() instanceof Caller caller)) {
            throw new IllegalStateException("The authentication filter lets nobody else in");
        }
        response.setContentType("text/event-stream");
        response.setCharacterEncoding("UTF-8");
        // A proxy that compresses or rewrites a stream holds its events back.
        response.setHeader("Cache-Control", "no-store, no-transform");
        // Tells nginx and its like to pass each event on at once.
        response.setHeader("X-Accel-Buffering", "no");
        // The client learns at once that the stream is open; proxies that speak HTTP/2 hand on no header without a
        // byte.
        response.getOutputStream().print(": the family's stream\n\n");
        response.flushBuffer();
        AtomicReference<Connection> ended = new AtomicReference<>();
        EventStreamTransport transport =
                new EventStreamTransport(NonBlockingResponse.start(request, reason -> hub.closed(ended.get(), reason)));
        Connection connection = new Connection("sse", caller, EVENT_STREAM, transport);
        ended.set(connection);
        transport.start(connection);
        hub.open(connection);
        conversation.subscribe(connection, lastOffset(request));
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (request.getMethod().equals("GET")) {
            super.service(request, response);
        } else {
            response.setHeader("Allow", "GET");
            Refusal.send(response, 405, "Method Not Allowed");
        }
    }

    /** What the client heard last. Polyfills of EventSource that cannot set headers put it into the query. */
    private static Long lastOffset(HttpServletRequest request) {
        Long header = offset(request.getHeader("Last-Event-ID"));
        String query = request.getQueryString();
        Matcher parameter = LAST_EVENT_ID.matcher(query == null ? "" : query);
        return header == null && parameter.find() ? offset(parameter.group(1)) : header;
    }

    private static Long offset(String lastEventId) {
        return lastEventId != null && lastEventId.matches("[0-9]{1,16}") ? Long.valueOf(lastEventId) : null;
    }

    private static String frame(Envelope envelope) {
        StringBuilder frame = new StringBuilder(envelope.payload().length() + 64);
        // Else the client's last id stays: what holds right now is told before what was missed.
        if (envelope.isShared()) {
            frame.append("id: ").append(envelope.offset()).append('\n');
        }
        return frame.append("event: ")
                .append(envelope.type())
                .append("\ndata: ")
                .append(envelope.payload())
                .append("\n\n")
                .toString();
    }
}
