package org.draugar.socketio;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbException;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.draugar.delivery.Hub;
import org.draugar.family.Caller;
import org.draugar.http.Bodies;
import org.draugar.http.JsonText;
import org.draugar.identity.Devices;
import org.draugar.identity.Origins;
import org.draugar.identity.SecretRefused;
import org.draugar.protocol.Conversation;
import org.draugar.settings.Settings;
import org.draugar.socketio.engine.ConnectionRefused;
import org.draugar.socketio.engine.Engine;
import org.draugar.socketio.engine.EngineSettings;
import org.draugar.socketio.engine.Gate;
import org.draugar.socketio.engine.Namespace;
import org.draugar.socketio.engine.Socket;
import org.draugar.socketio.engine.SocketListener;
import org.draugar.socketio.engine.SocketServer;
import org.draugar.stream.Envelope;
import org.draugar.stream.Framing;
import org.draugar.stream.Nodes;

/**
 * The door for Socket.IO clients, at {@code /socket.io/}: the phone app that existed before Draugar did. It lets them in
 * by their device token, and gives back their session to those who were cut off a moment ago.
 */
@Singleton
public class SocketIoDoor implements Namespace {
    private static final Logger LOG = System.getLogger(SocketIoDoor.class.getName());
    private static final Jsonb JSON = JsonbBuilder.create();

    /**
     * {@code 42["event",payload,"offset"]}: an event in a message. The offset stands only where a client may come back
     * with it: clients take the last argument of whatever they heard last, if it is text.
     */
    static final Framing SOCKET_IO = SocketIoDoor::frame;

    private final Settings settings;
    private final Origins origins;
    private final Devices devices;
    private final Hub hub;
    private final Conversation conversation;
    private final Event<SecretRefused> refusals;
    private final Bodies bodies;
    private final RecoverableSessions sessions;
    private Engine engine;

    @Inject
    SocketIoDoor(
            Settings settings,
            Origins origins,
            Devices devices,
            Hub hub,
            Conversation conversation,
            Bodies bodies,
            Nodes nodes,
            Event<SecretRefused> refusals) {
        this.sessions = new RecoverableSessions(nodes);
        this.settings = settings;
        this.origins = origins;
        this.devices = devices;
        this.hub = hub;
        this.conversation = conversation;
        this.bodies = bodies;
        this.refusals = refusals;
    }

    /** The same pages as at every other door, with the same words. */
    private record PageGate(Origins origins) implements Gate {
        @Override
        public boolean isWelcome(HttpServletRequest request) {
            return origins.welcome(request);
        }

        @Override
        public void allow(HttpServletRequest request, HttpServletResponse response) {
            origins.allow(request, response);
        }

        @Override
        public String refusal() {
            return Origins.REFUSAL;
        }
    }

    /**
     * What a client says when it connects.
     *
     * @param token its device token
     * @param pid its session before it was cut off, or null
     * @param offset of the last event that it has, or null
     */
    public record Handshake(String token, String pid, String offset) {}

    /** Opens the door while the application starts. */
    public void start(ServletContext context, ScheduledExecutorService timer, Executor background) {
        Settings.SocketIo times = settings.socketIo();
        engine = new Engine(
                EngineSettings.of(times.pingInterval(), times.pingTimeout()),
                new PageGate(origins),
                new SocketServer(times.connectTimeout(), background).add("/", this),
                bodies,
                timer);
        engine.start(context, "/socket.io/");
    }

    /** Closes it. */
    public void stop() {
        engine.stop();
    }

    @Override
    public SocketListener connect(Socket socket, String auth) throws ConnectionRefused {
        Handshake handshake = read(auth);
        if (handshake.token() == null || handshake.token().isEmpty()) {
            throw new ConnectionRefused("Authentication required");
        }
        Optional<Caller> known = find(handshake.token());
        if (known.isEmpty()) {
            refusals.fire(new SecretRefused());
            throw new ConnectionRefused("Invalid token");
        }
        Caller caller = known.get();
        Optional<Long> since = offset(handshake.offset());
        Optional<RecoverableSession> before =
                since.isEmpty() ? Optional.empty() : sessions.take(handshake.pid(), caller.device());
        RecoverableSession session =
                before.orElseGet(() -> new RecoverableSession(socket.id(), Socket.randomId(), caller.device()));
        socket.identify(session.sid(), session.pid());
        sessions.put(session);
        return new SocketIoConnection(
                socket,
                caller,
                session,
                sessions,
                before.isPresent() && session.isSubscribed() ? since.get() : null,
                hub,
                conversation);
    }

    private Optional<Caller> find(String token) throws ConnectionRefused {
        try {
            return devices.findCaller(token);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "Nobody can sign in while the store does not answer: {0}", e.getMessage());
            throw new ConnectionRefused("The store does not answer right now; try again in a moment");
        }
    }

    private static Handshake read(String auth) throws ConnectionRefused {
        try {
            return JSON.fromJson(JsonText.requireOneObject(auth), Handshake.class);
        } catch (JsonbException | IllegalArgumentException e) {
            throw new ConnectionRefused("Authentication required");
        }
    }

    private static Optional<Long> offset(String text) {
        return text != null && text.matches("[0-9]{1,16}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    private static String frame(Envelope envelope) {
        StringBuilder frame = new StringBuilder(envelope.payload().length() + 64)
                .append("42[\"")
                .append(envelope.type())
                .append("\",")
                .append(envelope.payload());
        if (envelope.isShared()) {
            frame.append(",\"").append(envelope.offset()).append('"');
        }
        return frame.append(']').toString();
    }
}
