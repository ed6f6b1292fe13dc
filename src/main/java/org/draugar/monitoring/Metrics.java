package org.draugar.monitoring;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What the server counts and times, for Prometheus. There is one of it in each deployment, and nothing to wire: whoever
 * does something worth counting says so here. All of it is cheap enough for each position, and thread-safe. Times are in
 * nanoseconds of {@link System#nanoTime()} where they come in, and in seconds where they go out.
 */
public final class Metrics {
    private static final double NANOS = 1e9;
    /** Upper ends of the classes, in seconds: around what is usual (a millisecond, a commit) and what hurts. */
    private static final double[] SECONDS = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
    };

    private static final PrometheusRegistry REGISTRY = new PrometheusRegistry();

    private static final Histogram DELIVERY = histogram(
            "draugar_received_to_delivered_seconds",
            "From an event's arrival at this server to its hand-over to all of its family's connections here.");
    private static final Histogram STORING =
            histogram("draugar_stored_seconds", "From the place of a position in its family's stream to its commit.");
    private static final Histogram ENGINE =
            histogram("draugar_engine_round_trip_seconds", "From a question to the cluster's engine to its answer.");
    private static final CounterDataPoint DELIVERIES = Counter.builder()
            .name("draugar_deliveries")
            .help("Live events handed to connections, each connection counted.")
            .withoutExemplars()
            .register(REGISTRY);
    private static final Map<Refused, CounterDataPoint> REFUSALS = new EnumMap<>(Refused.class);

    /** Why something was refused. */
    public enum Refused {
        INVALID,
        UNKNOWN_CALLER,
        FORBIDDEN,
        TOO_LARGE,
        TOO_MANY,
        UNAVAILABLE,
        FAILED;

        /** The kind of reason that an HTTP status from 400 on tells. */
        static Refused of(int status) {
            return switch (status) {
                case 401 -> UNKNOWN_CALLER;
                case 403 -> FORBIDDEN;
                case 413 -> TOO_LARGE;
                case 429 -> TOO_MANY;
                case 503 -> UNAVAILABLE;
                default -> status < 500 ? INVALID : FAILED;
            };
        }
    }

    static {
        gauge(
                "draugar_memory_used_bytes",
                "Heap in use, with what is not yet collected.",
                () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        gauge("draugar_memory_max_bytes", "Heap that the server may take.", Runtime.getRuntime()::maxMemory);
        Counter refusals = Counter.builder()
                .name("draugar_refusals")
                .help("Requests and positions that were refused, by the kind of reason.")
                .labelNames("kind")
                .withoutExemplars()
                .register(REGISTRY);
        for (Refused kind : Refused.values()) {
            // From here on each is there, before the first one too.
            REFUSALS.put(kind, refusals.labelValues(kind.name().toLowerCase(Locale.ROOT)));
        }
    }

    private Metrics() {}

    /**
     * Notes that an event was handed to its family's connections.
     *
     * @param receivedAt when it came in
     * @param connections how many of them got it
     */
    public static void delivered(long receivedAt, int connections) {
        DELIVERY.observe((System.nanoTime() - receivedAt) / NANOS);
        DELIVERIES.inc(connections);
    }

    /**
     * Notes that a position was committed.
     *
     * @param appendedAt when it had its place
     * @param committedAt now: the same for all of a commit
     */
    public static void stored(long appendedAt, long committedAt) {
        STORING.observe((committedAt - appendedAt) / NANOS);
    }

    /** Notes that the cluster's engine has answered. @param askedAt when it was asked */
    public static void engineAnswered(long askedAt) {
        ENGINE.observe((System.nanoTime() - askedAt) / NANOS);
    }

    /** Notes a refusal. */
    public static void refused(Refused kind) {
        REFUSALS.get(kind).inc();
    }

    /** Notes the status of an HTTP answer, which counts where it is a refusal. */
    public static void answered(int status) {
        if (status >= 400) {
            refused(Refused.of(status));
        }
    }

    /** Adds a number that is looked up when somebody asks. */
    public static void gauge(String name, String help, LongSupplier value) {
        REGISTRY.register(GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsLong()))
                .build());
    }

    /** Adds a count that is kept elsewhere. @param name without the {@code _total} that it gets */
    public static void counter(String name, String help, LongSupplier value) {
        REGISTRY.register(CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsLong()))
                .build());
    }

    /** Everything, in the text format of Prometheus (version 0.0.4). */
    public static String text() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(8 * 1024);
        try {
            PrometheusTextFormatWriter.create().write(bytes, REGISTRY.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Histogram histogram(String name, String help) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .withoutExemplars()
                .register(REGISTRY);
    }
}
