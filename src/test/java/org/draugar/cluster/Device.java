package org.draugar.cluster;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReaderFactory;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.draugar.support.Person;

/**
 * A device that comes back by itself, as phones do: where its node does not answer or falls silent, it goes to the next
 * one. Thread-safe.
 */
abstract class Device {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** After so long without a word a connection is dead, whatever TCP believes. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private static final JsonReaderFactory JSON = Json.createReaderFactory(Map.of());

    final Person person;
    private final List<URI> nodes;
    private final int home;
    private int node;
    private Line line;
    private boolean closed;

    /**
     * @param nodes where it may connect
     * @param home the one that it prefers
     */
    Device(Person person, List<URI> nodes, int home) {
        this.person = person;
        this.nodes = nodes;
        this.home = home;
        this.node = home;
    }

    /** One connection, from the attempt on. */
    private final class Line implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<Void> open = new CompletableFuture<>();
        private CompletableFuture<?> sending = open;
        private WebSocket socket;
        private volatile long heardAt = System.nanoTime();

        void send(String message) {
            synchronized (this) {
                sending = sending.thenCompose(before -> socket.sendText(message, true));
            }
        }

        @Override
        public void onOpen(WebSocket opened) {
            synchronized (Device.this) {
                if (line != this) {
                    opened.abort();
                    return;
                }
                socket = opened;
                heardAt = System.nanoTime();
                connected();
            }
            open.complete(null);
            opened.request(Long.MAX_VALUE);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            heardAt = System.nanoTime();
            text.append(part);
            if (last) {
                JsonObject message =
                        JSON.createReader(new StringReader(text.toString())).readObject();
                text.setLength(0);
                synchronized (Device.this) {
                    // Of a connection that was given up nothing counts: what it still brings will come again.
                    if (line == this) {
                        heard(message.getString("type"), message);
                    }
                }
            }
            return null;
        }

        @Override
        public CompletionStage<?> onPing(WebSocket from, ByteBuffer data) {
            heardAt = System.nanoTime();
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            giveUp(this, false);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            giveUp(this, true);
        }
    }

    /** To be called twice a second: connects, asks for a sign of life, and gives up what gives none. */
    synchronized void tick() {
        if (closed) {
            return;
        }
        if (line == null) {
            connect();
        } else if (System.nanoTime() - line.heardAt > SILENCE_NANOS) {
            giveUp(line, true);
        } else if (isConnected()) {
            line.send("{\"type\":\"ping\"}");
            look();
        }
    }

    private void connect() {
        Line next = new Line();
        line = next;
        HTTP.newWebSocketBuilder()
                .connectTimeout(CONNECT)
                .header("Authorization", "Bearer " + person.token())
                .buildAsync(nodes.get(node), next)
                .whenComplete((socket, failure) -> {
                    if (failure != null) {
                        giveUp(next, true);
                    }
                });
    }

    private synchronized void giveUp(Line dead, boolean goOn) {
        if (line != dead) {
            return;
        }
        line = null;
        if (dead.socket != null) {
            dead.socket.abort();
        }
        if (goOn || !closed) {
            node = (node + 1) % nodes.size();
        }
    }

    /** Goes back to its own node, where it is elsewhere. */
    synchronized void goHome() {
        if (line != null && node != home) {
            giveUp(line, true);
        }
        node = home;
    }

    synchronized boolean isConnected() {
        return line != null && line.socket != null;
    }

    /** Sends a message, where there is a connection. */
    final void send(String message) {
        if (isConnected()) {
            line.send(message);
        }
    }

    synchronized void close() {
        closed = true;
        if (line != null) {
            giveUp(line, false);
        }
    }

    /** A connection is there: what waits can be sent. */
    abstract void connected();

    /** A message has come. */
    abstract void heard(String type, JsonObject message);

    /** Something may be due. */
    void look() {}
}
