package org.draugar.homeassistant;

import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.draugar.location.Fix;
import org.draugar.outbound.Outbound;

/** Carries positions to webhooks. Thread-safe. */
final class Courier {
    private final ScheduledExecutorService timer;
    private final Outbound outbound;
    private final Set<String> origins;

    /** @param origins at which webhooks may lie */
    Courier(ScheduledExecutorService timer, Outbound outbound, Set<String> origins) {
        this.timer = timer;
        this.outbound = outbound;
        this.origins = origins;
    }

    void soon(Duration pause, Runnable what) {
        timer.schedule(what, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Posts a position (developers.home-assistant.io, "Sending data home"); gives the status of the answer. */
    CompletableFuture<Integer> post(URI url, Fix fix) {
        byte[] message = message(fix).getBytes(StandardCharsets.UTF_8);
        try {
            return CompletableFuture.supplyAsync(
                    () -> status(url, message), call -> outbound.run(url.toString(), origin(url), call, () -> {}));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static String origin(URI url) {
        return Outbound.origin(url).orElseThrow();
    }

    private int status(URI url, byte[] message) {
        try {
            return outbound.post(url, Map.of("Content-Type", "application/json"), message, origins)
                    .status();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
