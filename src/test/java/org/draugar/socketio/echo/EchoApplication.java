package org.draugar.socketio.echo;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import org.draugar.http.Bodies;
import org.draugar.socketio.engine.Engine;
import org.draugar.socketio.engine.EngineListener;
import org.draugar.socketio.engine.EngineSession;
import org.draugar.socketio.engine.EngineSettings;
import org.draugar.socketio.engine.Namespace;
import org.draugar.socketio.engine.Socket;
import org.draugar.socketio.engine.SocketListener;
import org.draugar.socketio.engine.SocketServer;
import org.draugar.transport.Flusher;
import org.draugar.transport.UpgradeFilter;

/**
 * The application that the test suites of both protocols expect, and the smallest one that the engine serves besides
 * Draugar: {@code /socket.io/} sends back events, {@code /engine.io/} messages. Both ask for a sign of life as often as
 * the test suites say; what is under {@code /patient} does not end before a slow machine has answered, and what is under
 * {@code /lively} neither, though it asks as often.
 */
@WebListener
public class EchoApplication implements ServletContextListener {
    private static final EngineSettings SUITE = EngineSettings.of(Duration.ofMillis(300), Duration.ofMillis(200));
    private static final EngineSettings LIVELY = EngineSettings.of(Duration.ofMillis(300), Duration.ofSeconds(20));
    private static final EngineSettings PATIENT = EngineSettings.of(Duration.ofSeconds(25), Duration.ofSeconds(20));

    @Resource
    private ManagedScheduledExecutorService timer;

    private final Flusher flusher = new Flusher();
    private final Bodies bodies = new Bodies();
    private final List<Engine> engines = new ArrayList<>();

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        flusher.start(Thread::new);
        FilterRegistration.Dynamic upgrade = context.addFilter("upgrade", new UpgradeFilter(flusher));
        upgrade.setAsyncSupported(true);
        // Before the filter of the container's own, which makes WebSockets of requests.
        upgrade.addMappingForUrlPatterns(
                EnumSet.of(DispatcherType.REQUEST), false, "/socket.io/*", "/engine.io/*", "/lively/*", "/patient/*");
        Engine socketIo = start(context, "/socket.io/", SUITE, sockets(Duration.ofSeconds(1)));
        Engine engineIo = start(context, "/engine.io/", SUITE, EngineEcho::new);
        start(context, "/lively/socket.io/", LIVELY, sockets(Duration.ofSeconds(3)));
        start(context, "/lively/engine.io/", LIVELY, EngineEcho::new);
        start(context, "/patient/socket.io/", PATIENT, sockets(Duration.ofSeconds(45)));
        start(context, "/patient/engine.io/", PATIENT, EngineEcho::new);
        context.addServlet("sessions", new SessionsServlet(() -> socketIo.size() + engineIo.size()))
                .addMapping("/sessions");
    }

    private Engine start(
            ServletContext context,
            String path,
            EngineSettings settings,
            Function<EngineSession, EngineListener> application) {
        Engine engine = new Engine(settings, request -> true, application, bodies, timer);
        engine.start(context, path);
        engines.add(engine);
        return engine;
    }

    private SocketServer sockets(Duration untilConnected) {
        return new SocketServer(untilConnected, timer).add("/", echo()).add("/custom", echo());
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        engines.forEach(Engine::stop);
        flusher.stop();
    }

    private static Namespace echo() {
        return (socket, auth) -> new SocketEcho(socket, auth);
    }

    private record EngineEcho(EngineSession session) implements EngineListener {
        EngineEcho {
            session.welcome();
        }

        @Override
        public void text(String message) {
            session.send(message, List.of());
        }

        @Override
        public void binary(byte[] message) {
            session.send(message);
        }

        @Override
        public void closed(String reason) {
            // Nothing is kept for it.
        }
    }

    private record SocketEcho(Socket socket, String auth) implements SocketListener {
        @Override
        public void connected() {
            socket.emit("auth", List.of(auth), List.of());
        }

        @Override
        public void event(String name, List<String> arguments, List<byte[]> attachments, Answer answer) {
            if (name.equals("message")) {
                socket.emit("message-back", arguments, attachments);
            } else if (name.equals("message-with-ack") && answer != null) {
                answer.send(arguments, attachments);
            }
        }

        @Override
        public void disconnected(String reason) {
            // Nothing is kept for it.
        }
    }
}
