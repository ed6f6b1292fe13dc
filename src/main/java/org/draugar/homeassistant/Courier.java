package org.draugar.homeassistant;

import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.draugar.location.Fix;

/** Carries positions to webhooks, without a thread that waits. Follows no redirect, and reads no answer. Thread-safe. */
final class Courier {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ScheduledExecutorService timer;
    private final HttpClient http;

    Courier(ScheduledExecutorService timer) {
        this.timer = timer;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(PATIENCE)
                .executor(timer)
                .build();
    }

    void soon(Duration pause, Runnable what) {
        timer.schedule(what, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Posts a position (developers.home-assistant.io, "Sending data home"); gives the status of the answer. */
    CompletableFuture<Integer> post(URI url, Fix fix) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(message(fix)))
                .build();
        return http.sendAsync(request, BodyHandlers.discarding()).thenApply(HttpResponse::statusCode);
    }

    private static String message(Fix fix) {
        JsonObjectBuilder data = Json.createObjectBuilder()
                .add("gps", Json.createArrayBuilder().add(fix.latitude()).add(fix.longitude()));
        add(data, "gps_accuracy", fix.accuracy());
        add(data, "battery", fix.battery() == null ? null : fix.battery() * 100);
        if (fix.speed() != null) {
            data.add("speed", fix.speed());
        }
        add(data, "altitude", fix.altitude());
        add(data, "course", fix.bearing());
        return Json.createObjectBuilder()
                .add("type", "update_location")
                .add("data", data)
                .build()
                .toString();
    }

    /** Home Assistant takes whole numbers for these. */
    private static void add(JsonObjectBuilder data, String name, Double value) {
        if (value != null) {
            data.add(name, Math.round(value));
        }
    }
}
