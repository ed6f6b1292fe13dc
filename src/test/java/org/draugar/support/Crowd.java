package org.draugar.support;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Many light connections at once, on the JDK's own WebSocket client: two threads carry thousands. */
public final class Crowd implements AutoCloseable {
    private final Server server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Peer> peers = new CopyOnWriteArrayList<>();

    public Crowd(Server server) {
        this.server = server;
    }

    /** Connects somebody who reads. */
    public Peer connect(Person person, Consumer<JsonObject> heard) {
        return connect(person, heard, true);
    }

    /** Connects somebody who never reads what comes. */
    public Peer connectDeaf(Person person) {
        return connect(person, message -> {}, false);
    }

    private Peer connect(Person person, Consumer<JsonObject> heard, boolean reads) {
        Peer peer = new Peer(heard, reads);
        peer.socket = http.newWebSocketBuilder()
                .header("Authorization", "Bearer " + person.token())
                .buildAsync(server.ws(), peer)
                .join();
        peers.add(peer);
        return peer;
    }

    @Override
    public void close() {
        peers.forEach(peer -> peer.socket.abort());
    }

    /** One of the crowd. */
    public static final class Peer implements WebSocket.Listener {
        private final Consumer<JsonObject> heard;
        private final boolean reads;
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final CompletableFuture<Void> ready = new CompletableFuture<>();
        private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);
        private WebSocket socket;

        private Peer(Consumer<JsonObject> heard, boolean reads) {
            this.heard = heard;
            this.reads = reads;
        }

        /** Subscribes from an offset on. */
        public void resume(long since) {
            send("{\"type\":\"location:subscribe\",\"since\":" + since + "}");
        }

        /** Subscribes; {@link #isReady()} tells when that has taken effect. */
        public void subscribe() {
            send("{\"type\":\"location:subscribe\"}");
            send("{\"type\":\"ping\"}");
        }

        public boolean isReady() {
            return ready.isDone();
        }

        public synchronized void send(String message) {
            sending = sending.thenCompose(before -> socket.sendText(message, true));
        }

        /** The close code, or 0 while it is open. */
        public int closeCode() {
            return closed.getNow(0);
        }

        /** The close code. */
        public int awaitClosed(Duration most) {
            try {
                return closed.get(most.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError("Not closed within " + most.toMillis() + " ms");
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void onOpen(WebSocket webSocket) {
            if (reads) {
                webSocket.request(Long.MAX_VALUE);
            }
        }

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                JsonObject message =
                        Json.createReader(new StringReader(text.toString())).readObject();
                text.setLength(0);
                if (message.getString("type").equals("pong")) {
                    ready.complete(null);
                }
                heard.accept(message);
            }
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            closed.complete(statusCode);
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            closed.complete(1006);
        }
    }
}
