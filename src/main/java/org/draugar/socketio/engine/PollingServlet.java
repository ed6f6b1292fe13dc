package org.draugar.socketio.engine;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.draugar.http.Bodies;
import org.draugar.transport.NonBlockingResponse;

/** HTTP long-polling: a GET waits for messages, a POST brings some. The filter has checked the request. */
final class PollingServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Engine engine;

    PollingServlet(Engine engine) {
        this.engine = engine;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
        try {
            serve(request, response);
        } catch (IOException e) {
            // The peer has hung up: there is nobody left to answer.
        }
    }

    private void serve(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Query query = Query.of(request.getQueryString());
        String sid = query.get("sid");
        if (!"polling".equals(query.get("transport"))) {
            // It asked for a WebSocket, but not as one does.
            EngineError.BAD_REQUEST.send(response);
        } else if (sid == null) {
            send(response, "text/plain", engine.open(null).open().text());
        } else {
            EngineSession session = engine.find(sid);
            if (session == null) {
                EngineError.SESSION_UNKNOWN.send(response);
            } else if (request.getMethod().equals("GET")) {
                poll(session, request);
            } else if (request.getMethod().equals("POST")) {
                post(session, request, response);
            } else {
                EngineError.BAD_REQUEST.send(response);
            }
        }
    }

    private static void poll(EngineSession session, HttpServletRequest request) throws IOException {
        AtomicReference<NonBlockingResponse> itself = new AtomicReference<>();
        NonBlockingResponse answer = NonBlockingResponse.start(request, reason -> session.lost(itself.get()));
        itself.set(answer);
        answer.listen();
        if (!session.poll(answer)) {
            refuse(answer, EngineError.BAD_REQUEST);
        }
    }

    private void post(EngineSession session, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String type = request.getContentType();
        if (type != null && type.startsWith("application/octet-stream")) {
            session.failed("a body of an old version");
            EngineError.BAD_REQUEST.send(response);
            return;
        }
        if (!session.post()) {
            EngineError.BAD_REQUEST.send(response);
            return;
        }
        boolean here = false;
        try {
            here = engine.bodies().take(request, response, session.bound());
        } finally {
            if (!here) {
                session.posted(null);
            }
        }
        if (!here) {
            return;
        }
        String body = null;
        try {
            byte[] bytes = Bodies.of(request).orElseThrow();
            body = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            session.failed("parse error");
        }
        boolean taken = session.posted(body);
        // Where this engine is all that runs, no filter does.
        engine.bodies().free(request);
        if (taken) {
            send(response, "text/html", "ok");
        } else {
            EngineError.BAD_REQUEST.send(response);
        }
    }

    static void refuse(NonBlockingResponse answer, EngineError error) {
        answer.head().setStatus(error.status());
        answer.head().setContentType("application/json");
        answer.write(error.body(), () -> answer.end("refused"));
    }

    private static void send(HttpServletResponse response, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        response.setContentType(type);
        response.setCharacterEncoding("UTF-8");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }
}
