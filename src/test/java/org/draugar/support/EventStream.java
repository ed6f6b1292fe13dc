package org.draugar.support;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A reader of {@code GET /api/events}. */
public final class EventStream implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Stream<String> lines;

    /** One event. */
    public record Event(String id, String name, JsonObject data) {}

    public static EventStream open(Server server, Person person, String lastEventId) {
        HttpRequest.Builder request =
                server.request("/api/events", person).GET().timeout(Duration.ofHours(1));
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        try {
            HttpResponse<Stream<String>> response = HTTP.send(request.build(), BodyHandlers.ofLines());
            if (response.statusCode() != 200) {
                throw new IllegalStateException("Status " + response.statusCode());
            }
            return new EventStream(response.body());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private EventStream(Stream<String> lines) {
        this.lines = lines;
        Thread reader = new Thread(this::read, "event-stream");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        String[] event = new String[3];
        try {
            lines.forEach(line -> {
                if (line.startsWith("id: ")) {
                    event[0] = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    event[1] = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    event[2] = line.substring(6);
                } else if (line.isEmpty() && event[2] != null) {
                    events.add(new Event(
                            event[0],
                            event[1],
                            Json.createReader(new StringReader(event[2])).readObject()));
                    event[2] = null;
                }
            });
        } catch (RuntimeException e) {
            // The server or the test ended it.
        } finally {
            ended.complete(null);
        }
    }

    /** The next event of a name; others before it are dropped. */
    public Event next(String name) {
        try {
            while (true) {
                Event event = events.poll(20, TimeUnit.SECONDS);
                if (event == null) {
                    throw new AssertionError("No " + name + " for 20 s");
                }
                if (event.name().equals(name)) {
                    return event;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next event, or null when the stream has ended. */
    public Event poll() {
        try {
            while (true) {
                boolean over = ended.isDone();
                Event event = events.poll(20, TimeUnit.MILLISECONDS);
                if (event != null || over) {
                    return event;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public void awaitEnd(Duration most) {
        try {
            ended.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("The stream goes on after " + most.toMillis() + " ms");
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        lines.close();
    }
}
