package org.draugar.socketio.engine;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.draugar.http.Bodies;

/**
 * A server of Engine.IO v4 at one path of a web application: sessions of messages both ways, over HTTP long-polling,
 * over WebSockets, and moved from the first to the second. Thread-safe.
 */
public final class Engine {
    private static final Logger LOG = System.getLogger(Engine.class.getName());
    /** So many sessions may exist of which nobody knows whose they are; then the oldest goes. */
    private static final int MAX_STRANGERS = 500;

    /** So many messages of up to the most that is allowed may be in memory at once. */
    private static final int MAX_LARGE = 16;

    private final EngineSettings settings;
    private final Gate gate;
    private final Function<EngineSession, EngineListener> application;
    private final Bodies bodies;
    private final ScheduledExecutorService timer;
    private final Map<String, EngineSession> sessions = new ConcurrentHashMap<>();
    /** The oldest first; guarded by itself. */
    private final Set<EngineSession> strangers = new LinkedHashSet<>();

    private final Semaphore large = new Semaphore(MAX_LARGE);

    private ScheduledFuture<?> ticks;
    private volatile boolean stopped;

    /**
     * @param gate decides which pages may come in
     * @param application gives each new session its listener
     * @param bodies takes in what is posted
     * @param timer for heartbeats
     */
    public Engine(
            EngineSettings settings,
            Gate gate,
            Function<EngineSession, EngineListener> application,
            Bodies bodies,
            ScheduledExecutorService timer) {
        this.settings = settings;
        this.gate = gate;
        this.application = application;
        this.bodies = bodies;
        this.timer = timer;
    }

    /**
     * Starts to serve a path. To be called while the application starts, from a listener of its context.
     *
     * @param path such as {@code /socket.io/}
     */
    public void start(ServletContext context, String path) {
        var servlet = context.addServlet(path, new PollingServlet(this));
        servlet.setAsyncSupported(true);
        servlet.addMapping(path + "*");
        // Before all others: a WebSocket's request must be refused before the container sees it.
        var filter = context.addFilter(path, new RequestFilter(this));
        filter.setAsyncSupported(true);
        filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, path + "*");
        ServerEndpointConfig endpoint =
                ServerEndpointConfig.Builder.create(EngineEndpoint.class, path).build();
        endpoint.getUserProperties().put(EngineEndpoint.ENGINE, this);
        try {
            ((ServerContainer) context.getAttribute(ServerContainer.class.getName())).addEndpoint(endpoint);
        } catch (DeploymentException e) {
            throw new IllegalStateException("No WebSockets at " + path, e);
        }
        long millis = Math.min(
                        settings.pingInterval().toMillis(),
                        settings.pingTimeout().toMillis())
                / 8;
        millis = Math.max(20, Math.min(1000, millis));
        ticks = timer.scheduleWithFixedDelay(this::tick, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Ends all sessions and takes no more. */
    public void stop() {
        stopped = true;
        if (ticks != null) {
            ticks.cancel(false);
        }
        sessions.values()
                .forEach(session -> session.close(1001, "the server stops; connect again", "the server stops"));
    }

    /** How many sessions there are. */
    public int size() {
        return sessions.size();
    }

    Bodies bodies() {
        return bodies;
    }

    EngineSettings settings() {
        return settings;
    }

    /** @param upgrade whether the request asks for a WebSocket */
    Optional<EngineError> check(HttpServletRequest request, boolean upgrade) {
        Query query = Query.of(request.getQueryString());
        String transport = query.get("transport");
        boolean polling = "polling".equals(transport);
        if (!polling && !"websocket".equals(transport)) {
            return Optional.of(EngineError.TRANSPORT_UNKNOWN);
        }
        String sid = query.get("sid");
        if (sid != null) {
            EngineSession session = sessions.get(sid);
            if (session == null) {
                return Optional.of(EngineError.SESSION_UNKNOWN);
            }
            return polling == upgrade ? Optional.of(EngineError.BAD_REQUEST) : Optional.empty();
        }
        if (!request.getMethod().equals("GET")) {
            return Optional.of(EngineError.BAD_HANDSHAKE_METHOD);
        }
        if (polling == upgrade) {
            return Optional.of(EngineError.BAD_REQUEST);
        }
        if (!isWelcome(request)) {
            return Optional.of(EngineError.FORBIDDEN);
        }
        return "4".equals(query.get("EIO")) ? Optional.empty() : Optional.of(EngineError.UNSUPPORTED_VERSION);
    }

    boolean isWelcome(HttpServletRequest request) {
        return request.getHeader("Origin") == null || gate.isWelcome(request);
    }

    Gate gate() {
        return gate;
    }

    EngineSession find(String sid) {
        return sid == null ? null : sessions.get(sid);
    }

    /** @param carrier the WebSocket that it starts on, or null */
    EngineSession open(Carrier carrier) {
        EngineSession session = new EngineSession(this, Socket.randomId(), carrier);
        session.start(application.apply(session));
        sessions.put(session.id(), session);
        EngineSession oldest = null;
        // Only now: the next stranger may end it, and then its application is told.
        synchronized (strangers) {
            if (session.isStranger()) {
                strangers.add(session);
            }
            if (strangers.size() > MAX_STRANGERS) {
                Iterator<EngineSession> all = strangers.iterator();
                oldest = all.next();
                all.remove();
            }
        }
        if (oldest != null) {
            oldest.failed("too many strangers");
        }
        if (stopped) {
            session.failed("the server stops");
        }
        return session;
    }

    void welcome(EngineSession session) {
        synchronized (strangers) {
            strangers.remove(session);
        }
    }

    void remove(EngineSession session) {
        sessions.remove(session.id());
        welcome(session);
    }

    LargeMessagePermit permit() {
        return new LargeMessagePermit(large);
    }

    void later(Runnable task, long millis) {
        timer.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        long now = System.nanoTime();
        for (EngineSession session : sessions.values()) {
            try {
                session.tick(now);
            } catch (RuntimeException e) {
                // An exception would end the schedule for good, and with it the heartbeat of all.
                LOG.log(Level.WARNING, "A session that cannot be looked after is let go", e);
                remove(session);
            }
        }
    }
}
