package org.draugar.support;

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
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.glassfish.tyrus.client.ClientManager;
import org.glassfish.tyrus.client.ClientProperties;

/** A device with a WebSocket of its own. What it hears waits in order until it is asked for. */
public final class Phone implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final ClientManager CLIENT = client();

    private final BlockingDeque<JsonObject> heard = new LinkedBlockingDeque<>();
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final Session session;

    private static ClientManager client() {
        ClientManager client = ClientManager.createClient();
        client.getProperties().put(ClientProperties.SHARED_CONTAINER, true);
        return client;
    }

    /**
     * Connects with the token in a header, as a phone app does. Waits until the server counts the connection as open: a
     * container answers the handshake before it says so.
     */
    public static Phone connect(Server server, Person person) {
        try {
            Phone phone = connect(server.ws(), Map.of("Authorization", List.of("Bearer " + person.token())), List.of());
            List<JsonObject> before = phone.flush();
            Collections.reverse(before);
            before.forEach(phone.heard::addFirst);
            return phone;
        } catch (DeploymentException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Connects with any headers. */
    public static Phone connect(URI uri, Map<String, List<String>> headers, List<String> subprotocols)
            throws DeploymentException {
        return new Phone(uri, headers, subprotocols);
    }

    private Phone(URI uri, Map<String, List<String>> headers, List<String> subprotocols) throws DeploymentException {
        ClientEndpointConfig config = ClientEndpointConfig.Builder.create()
                .preferredSubprotocols(subprotocols)
                .configurator(new ClientEndpointConfig.Configurator() {
                    @Override
                    public void beforeRequest(Map<String, List<String>> request) {
                        request.putAll(headers);
                    }
                })
                .build();
        try {
            session = CLIENT.connectToServer(new Ear(), config, uri);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Ear extends Endpoint {
        @Override
        public void onOpen(Session opened, EndpointConfig config) {
            // Otherwise Tyrus starts a timer for each message, and fails to when the server closes meanwhile.
            opened.setMaxIdleTimeout(-1);
            opened.addMessageHandler(
                    String.class,
                    text -> heard.add(Json.createReader(new StringReader(text)).readObject()));
        }

        @Override
        public void onClose(Session ended, CloseReason reason) {
            closed.complete(reason);
        }
    }

    public Session session() {
        return session;
    }

    /** Subscribes; gives the snapshot, without how the others are, which who has just connected is told too. */
    public List<JsonObject> subscribe() {
        send("{\"type\":\"location:subscribe\"}");
        return flush().stream()
                .filter(message -> !message.getString("type").startsWith("user:"))
                .toList();
    }

    /** Everything that is heard until the server has worked off what was sent before this call. */
    public List<JsonObject> flush() {
        send("{\"type\":\"ping\"}");
        List<JsonObject> before = new ArrayList<>();
        while (true) {
            JsonObject message = hear();
            if (message.getString("type").equals("pong")) {
                return before;
            }
            before.add(message);
        }
    }

    public void send(String text) {
        try {
            session.getBasicRemote().sendText(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A well-formed update; change it before {@link #send}. */
    public static JsonObjectBuilder update(double latitude, double longitude) {
        return Json.createObjectBuilder()
                .add("type", "location:update")
                .add("latitude", latitude)
                .add("longitude", longitude)
                .add("accuracy", 12.5)
                .add("timestamp", Instant.now().toString());
    }

    public void send(JsonObjectBuilder message) {
        send(message.build().toString());
    }

    /** The next message. */
    public JsonObject hear() {
        return next(PATIENCE);
    }

    private JsonObject next(Duration patience) {
        try {
            JsonObject message = heard.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (message == null) {
                throw new AssertionError("Heard nothing for " + patience.toSeconds() + " s");
            }
            return message;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next message of a type; others before it are dropped. */
    public JsonObject hear(String type) {
        return hear(type, PATIENCE);
    }

    /** The next message of a type, where it may take longer. */
    public JsonObject hear(String type, Duration patience) {
        while (true) {
            JsonObject message = next(patience);
            if (message.getString("type").equals(type)) {
                return message;
            }
        }
    }

    /** How the server ended the connection. */
    public CloseReason awaitClose(Duration most) {
        try {
            return closed.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("Not closed within " + most.toMillis() + " ms");
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (IOException | IllegalStateException e) {
            // It was closed already.
        }
    }
}
