package org.draugar.socketio;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Speaks Engine.IO byte by byte, so that tests can also say what no client would. */
final class Wire {
    static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final URI path;

    /** @param path of the engine, with its slash */
    Wire(URI path) {
        this.path = path;
    }

    /** Opens a session over long-polling. */
    JsonObject open() {
        return json(get("EIO=4&transport=polling").body().substring(1));
    }

    String openSid() {
        return open().getString("sid");
    }

    HttpResponse<String> get(String query) {
        return await(getAsync(query));
    }

    CompletableFuture<HttpResponse<String>> getAsync(String query) {
        return HTTP.sendAsync(HttpRequest.newBuilder(uri(query)).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> poll(String sid) {
        return get(session(sid));
    }

    CompletableFuture<HttpResponse<String>> pollAsync(String sid) {
        return getAsync(session(sid));
    }

    HttpResponse<String> push(String sid, String body) {
        return send("POST", session(sid), body);
    }

    HttpResponse<String> send(String method, String query, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(query)).method(method, BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return await(HTTP.sendAsync(request.build(), BodyHandlers.ofString()));
    }

    /**
     * Starts a request that need never end.
     *
     * @param more header lines and a part of a body
     * @return to be closed by the caller
     */
    Socket write(String method, String sid, String more) throws IOException {
        Socket socket = new Socket(path.getHost(), path.getPort());
        String head = method + " " + path.getPath() + "?" + session(sid) + " HTTP/1.1\r\nHost: a\r\n";
        socket.getOutputStream().write((head + (more.isEmpty() ? "\r\n" : more)).getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** Opens a WebSocket. @throws CompletionException when it is refused */
    Tube socket(String query) {
        Tube tube = new Tube();
        tube.socket = await(HTTP.newWebSocketBuilder()
                .buildAsync(URI.create(uri(query).toString().replaceFirst("http", "ws")), tube));
        return tube;
    }

    Tube socket() {
        return socket("EIO=4&transport=websocket");
    }

    static JsonObject json(String text) {
        return Json.createReader(new StringReader(text)).readObject();
    }

    static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    private URI uri(String query) {
        return URI.create(path + "?" + query);
    }

    private static String session(String sid) {
        return "EIO=4&transport=polling&sid=" + sid;
    }

    /** A WebSocket and what came out of it. */
    static final class Tube implements WebSocket.Listener {
        private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private WebSocket socket;

        /** A server that hangs up before it has everything is heard of by {@link #awaitClose()}. */
        Tube send(String message) {
            socket.sendText(message, true).exceptionally(thrown -> null).join();
            return this;
        }

        Tube send(byte[] message) {
            socket.sendBinary(ByteBuffer.wrap(message), true)
                    .exceptionally(thrown -> null)
                    .join();
            return this;
        }

        /** The next message, text or bytes. */
        Object next() {
            try {
                Object message = messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                if (message == null) {
                    throw new AssertionError("Waited in vain for a message");
                }
                return message;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The next message that is no ping; pings are answered, as a client does. */
        Object nextButPings() {
            Object message = next();
            return message.equals("2") ? send("3").nextButPings() : message;
        }

        List<Object> nextButPings(int count) {
            List<Object> found = new ArrayList<>();
            while (found.size() < count) {
                found.add(nextButPings());
            }
            return found;
        }

        /** Begins a message, in so many frames, and does not end it. */
        void sendParts(String part, int times) {
            CompletableFuture<WebSocket> sent = CompletableFuture.completedFuture(socket);
            for (int i = 0; i < times; i++) {
                sent = sent.thenCompose(s -> s.sendText(part, false));
            }
        }

        void whenClosed(IntConsumer then) {
            closed.thenAccept(then::accept);
        }

        /** The close code, once it is closed. */
        int awaitClose() {
            return await(closed);
        }

        void close() {
            socket.abort();
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            messages.add(bytes);
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int statusCode, String reason) {
            closed.complete(statusCode);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            closed.complete(1006);
        }
    }
}
