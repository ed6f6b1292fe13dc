package org.draugar.client;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.StringReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.glassfish.tyrus.client.ClientManager;
import org.glassfish.tyrus.client.ClientProperties;
import org.glassfish.tyrus.core.HandshakeException;

/**
 * One device's connection to a Draugar server, for as long as the device likes: it comes back after every interruption,
 * sends what it was given until the server has promised to keep it, and picks the family's stream up where it left off.
 *
 * <pre>{@code
 * DraugarClient client = DraugarClient.builder(URI.create("wss://family.example/ws"), token)
 *         .outbox(Path.of("outbox"))
 *         .listener(new Listener() {
 *             public void heard(JsonObject event) { ... }
 *         })
 *         .start();
 * client.send(Position.of(64.1466, -21.9426, Instant.now()));
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class DraugarClient implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DraugarClient.class.getName());
    /** Sent and not yet acknowledged: enough for a fast link, and little to send again after a cut. */
    private static final int MAX_IN_FLIGHT = 64;

    private static final Duration ASK_AFTER = Duration.ofSeconds(30);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(20);
    private static final Set<Integer> FINAL_CODES = Set.of(4401, 4403);

    private final URI address;
    private final String token;
    private final Listener listener;
    private final boolean subscribes;
    private final Duration shortestPause;
    private final Duration longestPause;

    /** Everything below belongs to this one thread. */
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread created = new Thread(task, "draugar-client");
        created.setDaemon(true);
        return created;
    });

    private final ClientManager container = ClientManager.createClient();
    private final Outbox outbox;
    private final Map<String, CompletableFuture<Void>> promises = new HashMap<>();
    private final Set<String> inFlight = new HashSet<>();
    private Session session;
    private int attempts;
    private long lastOffset;
    private long heardAt;
    private boolean asked;
    private boolean stopped;

    private DraugarClient(Builder builder) {
        this.address = builder.address;
        this.token = builder.token;
        this.listener = builder.listener;
        this.subscribes = builder.subscribes;
        this.shortestPause = builder.shortestPause;
        this.longestPause = builder.longestPause;
        // Many clients in one program share its threads; these end when none is connected.
        this.container.getProperties().put(ClientProperties.SHARED_CONTAINER, true);
        // Tyrus does not notice when it is cut off before it is connected.
        this.container.getProperties().put(ClientProperties.HANDSHAKE_TIMEOUT, (int) builder.timeout.toMillis());
        this.outbox = new Outbox(builder.outbox);
        this.lastOffset = outbox.since();
    }

    /**
     * Begins a client.
     *
     * @param address the server's WebSocket, {@code wss://host/ws}
     * @param token the device's token, from joining
     */
    public static Builder builder(URI address, String token) {
        return new Builder(address, token);
    }

    /** What may be said before it starts. */
    public static final class Builder {
        private final URI address;
        private final String token;
        private Path outbox;
        private Listener listener = new Listener() {};
        private boolean subscribes = true;
        private Duration shortestPause = Duration.ofSeconds(1);
        private Duration longestPause = Duration.ofMinutes(1);
        private Duration timeout = Duration.ofSeconds(10);

        private Builder(URI address, String token) {
            this.address = address;
            this.token = token;
        }

        /** Keeps what is not sent yet in this file, and how far the stream was heard; by default only in memory. */
        public Builder outbox(Path file) {
            this.outbox = file;
            return this;
        }

        /** Who is told. */
        public Builder listener(Listener told) {
            this.listener = told;
            return this;
        }

        /** Whether to hear the family's stream; true by default. A device that only sends saves traffic without. */
        public Builder subscribe(boolean wanted) {
            this.subscribes = wanted;
            return this;
        }

        /**
         * How long to wait before connecting again: a random time up to {@code shortest}, twice that after the next
         * failure, and so on, up to {@code longest}. By default a second and a minute. Random, so that a family's
         * phones do not all come at once after the server was away.
         */
        public Builder pauses(Duration shortest, Duration longest) {
            this.shortestPause = shortest;
            this.longestPause = longest;
            return this;
        }

        /** How long connecting may take; 10 s by default. */
        public Builder timeout(Duration most) {
            this.timeout = most;
            return this;
        }

        /**
         * Starts connecting.
         *
         * @throws IllegalStateException when another client uses the same outbox
         */
        public DraugarClient start() {
            DraugarClient client = new DraugarClient(this);
            client.thread.execute(client::connect);
            client.thread.scheduleWithFixedDelay(client::look, 1, 1, TimeUnit.SECONDS);
            return client;
        }
    }

    /**
     * Sends a position, now or as soon as there is a connection. When this returns it is in the outbox.
     *
     * @return completes when the server has promised to keep it; exceptionally when it never will, or when the client is
     *     closed before, in which case an outbox on disk keeps it for the next one
     */
    public CompletableFuture<Void> send(Position position) {
        CompletableFuture<Void> promise = new CompletableFuture<>();
        CompletableFuture<Void> kept = CompletableFuture.runAsync(
                () -> {
                    String id = outbox.add(position);
                    promises.put(id, promise);
                    pump();
                },
                thread);
        kept.join();
        return promise;
    }

    /** Ends the connection; what was not sent stays in the outbox. */
    @Override
    public void close() {
        try {
            CompletableFuture.runAsync(this::stop, thread).join();
        } catch (RejectedExecutionException e) {
            // It was closed already.
            return;
        }
        thread.shutdown();
    }

    private void stop() {
        stopped = true;
        drop();
        outbox.since(lastOffset);
        outbox.close();
        promises.values().forEach(promise -> promise.cancel(false));
    }

    private void connect() {
        if (stopped || session != null) {
            return;
        }
        ClientEndpointConfig config = ClientEndpointConfig.Builder.create()
                .configurator(new ClientEndpointConfig.Configurator() {
                    @Override
                    public void beforeRequest(Map<String, List<String>> headers) {
                        headers.put("Authorization", List.of("Bearer " + token));
                    }
                })
                .build();
        Socket socket = new Socket();
        try {
            session = container.connectToServer(socket, config, address);
        } catch (DeploymentException | IOException e) {
            if (e.getCause() instanceof HandshakeException handshake && handshake.getHttpStatusCode() == 401) {
                signedOut();
            } else {
                LOG.log(Level.DEBUG, "Not connected: {0}", e.getMessage());
                connectLater();
            }
            return;
        }
        heardAt = System.nanoTime();
        asked = false;
        inFlight.clear();
        listener.connected(true);
        if (subscribes) {
            subscribe();
        }
        pump();
    }

    private void subscribe() {
        JsonObjectBuilder message = Json.createObjectBuilder().add("type", "location:subscribe");
        write((lastOffset < 0 ? message : message.add("since", lastOffset)).build());
    }

    private void connectLater() {
        long most = Math.min(longestPause.toMillis(), shortestPause.toMillis() << Math.min(attempts, 20));
        attempts++;
        long pause = ThreadLocalRandom.current().nextLong(most + 1);
        thread.schedule(this::connect, pause, TimeUnit.MILLISECONDS);
    }

    private void signedOut() {
        stopped = true;
        listener.signedOut();
    }

    /** Sends what waits, as far as it is not on its way. */
    private void pump() {
        if (session == null) {
            return;
        }
        for (Map.Entry<String, JsonObject> entry : outbox.waiting().entrySet()) {
            if (session == null || inFlight.size() >= MAX_IN_FLIGHT) {
                return;
            }
            if (inFlight.add(entry.getKey())) {
                write(entry.getValue());
            }
        }
    }

    private void write(JsonObject message) {
        if (session == null) {
            return;
        }
        try {
            session.getBasicRemote().sendText(message.toString());
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "The connection broke: {0}", e.getMessage());
            broken();
        }
    }

    private void hear(JsonObject message) {
        heardAt = System.nanoTime();
        asked = false;
        attempts = 0;
        switch (message.getString("type")) {
            case "ack" -> settle(message.getString("id"), null);
            case "error" -> trouble(message);
            case "location:broadcast" -> {
                long offset = message.getJsonNumber("offset").longValue();
                if (offset > lastOffset) {
                    lastOffset = offset;
                    listener.heard(message);
                }
            }
            case "pong" -> {}
            default -> listener.heard(message);
        }
    }

    private void trouble(JsonObject error) {
        String id = error.getString("id", null);
        switch (error.getString("code")) {
            case "gap" -> {
                lastOffset = -1;
                listener.missed();
            }
            case "unavailable" ->
                thread.schedule(
                        () -> {
                            if (id != null) {
                                inFlight.remove(id);
                                pump();
                            } else if (session != null) {
                                subscribe();
                            }
                        },
                        shortestPause.toMillis(),
                        TimeUnit.MILLISECONDS);
            default -> {
                if (id != null) {
                    settle(id, error.getString("message"));
                }
            }
        }
    }

    private void settle(String id, String refusal) {
        JsonObject message = outbox.remove(id);
        inFlight.remove(id);
        CompletableFuture<Void> promise = promises.remove(id);
        if (refusal != null && message != null) {
            listener.refused(Position.of(message), refusal);
        }
        if (promise != null && refusal == null) {
            promise.complete(null);
        } else if (promise != null) {
            promise.completeExceptionally(new IllegalArgumentException(refusal));
        }
        pump();
    }

    /** Once a second: is the server still there? A network that has gone away says nothing. */
    private void look() {
        try {
            if (session == null) {
                return;
            }
            outbox.since(lastOffset);
            long silent = System.nanoTime() - heardAt;
            if (silent > ASK_AFTER.plus(ANSWER_WITHIN).toNanos()) {
                broken();
            } else if (silent > ASK_AFTER.toNanos() && !asked) {
                asked = true;
                write(Json.createObjectBuilder().add("type", "ping").build());
            }
        } catch (RuntimeException e) {
            // An exception would end the schedule for good.
            LOG.log(Level.WARNING, "The client goes on after: {0}", e.getMessage());
        }
    }

    private void broken() {
        drop();
        listener.connected(false);
        connectLater();
    }

    private void drop() {
        Session last = session;
        session = null;
        if (last != null) {
            try {
                last.close();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.DEBUG, "It was closed already: {0}", e.getMessage());
            }
        }
    }

    /** Hands what Tyrus tells on to the client's own thread. */
    private final class Socket extends Endpoint {
        @Override
        public void onOpen(Session opened, EndpointConfig config) {
            // Otherwise Tyrus starts a timer for each message.
            opened.setMaxIdleTimeout(-1);
            opened.addMessageHandler(String.class, text -> {
                JsonObject message = Json.createReader(new StringReader(text)).readObject();
                later(() -> {
                    if (opened.equals(session)) {
                        hear(message);
                    }
                });
            });
        }

        @Override
        public void onClose(Session closed, CloseReason reason) {
            later(() -> {
                if (!closed.equals(session)) {
                    return;
                }
                if (FINAL_CODES.contains(reason.getCloseCode().getCode())) {
                    session = null;
                    listener.connected(false);
                    signedOut();
                } else {
                    broken();
                }
            });
        }

        private void later(Runnable task) {
            try {
                thread.execute(task);
            } catch (RejectedExecutionException e) {
                LOG.log(Level.DEBUG, "The client is closed");
            }
        }
    }
}
