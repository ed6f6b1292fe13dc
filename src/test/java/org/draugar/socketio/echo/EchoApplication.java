package org.draugar.socketio.echo;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.draugar.http.Bodies;
import org.draugar.http.Flusher;
import org.draugar.http.UpgradeFilter;
import org.draugar.socketio.engine.Engine;
import org.draugar.socketio.engine.EngineListener;
import org.draugar.socketio.engine.EngineSession;
import org.draugar.socketio.engine.EngineSettings;
import org.draugar.socketio.engine.Namespace;
import org.draugar.socketio.engine.Socket;
import org.draugar.socketio.engine.SocketListener;
import org.draugar.socketio.engine.SocketServer;

/**
 * The application that the test suites of both protocols expect, and the smallest one that the engine serves besides
 * Draugar: {@code /socket.io/} sends back events, {@code /engine.io/} messages.
 */
@WebListener
public class EchoApplication implements ServletContextListener {
    private static final EngineSettings SETTINGS = EngineSettings.of(Duration.ofMillis(300), Duration.ofMillis(200));

    @Resource
    private ManagedScheduledExecutorService timer;

    private final Flusher flusher = new Flusher();
    private final Bodies bodies = new Bodies();
    private Engine socketIo;
    private Engine engineIo;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        flusher.start(Thread::new);
        FilterRegistration.Dynamic upgrade = event.getServletContext().addFilter("upgrade", new UpgradeFilter(flusher));
        upgrade.setAsyncSupported(true);
        // Before the filter of the container's own, which makes WebSockets of requests.
        upgrade.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/socket.io/*", "/engine.io/*");
        SocketServer server =
                new SocketServer(Duration.ofSeconds(1), timer).add("/", echo()).add("/custom", echo());
        socketIo = new Engine(SETTINGS, request -> true, server, bodies, timer);
        socketIo.start(event.getServletContext(), "/socket.io/");
        engineIo = new Engine(SETTINGS, request -> true, EngineEcho::new, bodies, timer);
        engineIo.start(event.getServletContext(), "/engine.io/");
        event.getServletContext()
                .addServlet("sessions", new SessionsServlet(() -> socketIo.size() + engineIo.size()))
                .addMapping("/sessions");
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        socketIo.stop();
        engineIo.stop();
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
