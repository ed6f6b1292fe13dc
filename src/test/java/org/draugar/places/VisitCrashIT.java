package org.draugar.places;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.draugar.support.Database;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed while somebody comes and goes, again and again: each stay is one visit, and is told once.
 *
 * <p>{@code -Ddraugar.crash.rounds=50} for more than a glance.
 */
class VisitCrashIT {
    private static final int ROUNDS =
            Integer.getInteger("draugar.crash.rounds", Extent.of("VisitCrashIT: kills on each database", 2, 10));
    private static final Duration LONG = Duration.ofMinutes(1);
    /** In the circle, and out of it. */
    private static final double[] LATITUDES = {10, 10.001};

    @TempDir
    Path folder;

    private final List<String> expected = new ArrayList<>();
    private Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(420);
    private int count;

    @Test
    void theEmbeddedStoreLosesNone() {
        losesNone("H2", Map.of());
    }

    @Test
    void postgresLosesNone() {
        losesNone("PostgreSQL", Database.postgres().database("visitcrash"));
    }

    private void losesNone(String name, Map<String, String> database) {
        Random random = Extent.random("VisitCrashIT, " + name);
        Map<String, String> settings = new HashMap<>(database);
        settings.put("DRAUGAR_DATA", folder.resolve("data").toString());
        settings.put("DRAUGAR_SIGNUP", "open");
        Person anna = null;
        Person bjorn = null;
        for (int round = 0; round <= ROUNDS; round++) {
            try (ServerProcess process = ServerProcess.start(folder.resolve("server"), settings)) {
                Server server = process.awaitReady();
                if (anna == null) {
                    anna = server.startFamily("Anna");
                    bjorn = server.join(anna, "Björn");
                    server.post(
                            "/api/places", anna, "{\"name\":\"Home\",\"latitude\":10,\"longitude\":20,\"radius\":50}");
                    server.post("/api/alerts", bjorn, "{\"about\":\"anyone\",\"kind\":\"arrive\"}");
                    server.post("/api/alerts", bjorn, "{\"about\":\"anyone\",\"kind\":\"leave\"}");
                }
                for (int i = 0; i < 30; i++) {
                    share(server, anna);
                }
                if (round < ROUNDS) {
                    // In the middle of taking one in, and of making visits of those before.
                    int soon = random.nextInt(20);
                    CompletableFuture<Void> last = CompletableFuture.runAsync(process::kill, killer(soon));
                    last.join();
                } else {
                    Person who = anna;
                    Person told = bjorn;
                    Server.await(() -> visits(server, who) + " and not " + expected, LONG, () -> visits(server, who)
                            .equals(expected));
                    List<String> kinds = server
                            .get("/api/notifications", told)
                            .json()
                            .getJsonArray("notifications")
                            .getValuesAs(JsonObject.class)
                            .stream()
                            .map(notification -> notification.getString("kind"))
                            .toList();
                    System.out.printf(
                            "VisitCrashIT: %s on %s, %d kills: %d visits, told %d times%n",
                            name, ServerProcess.CONTAINER, ROUNDS, expected.size(), kinds.size());
                    assertThat(kinds).filteredOn("arrive"::equals).hasSameSizeAs(expected);
                    assertThat(kinds).filteredOn("leave"::equals).hasSameSizeAs(expected);
                }
            }
        }
    }

    private static java.util.concurrent.Executor killer(int millis) {
        return CompletableFuture.delayedExecutor(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    /** Comes, or goes. */
    private void share(Server server, Person person) {
        String report = Json.createObjectBuilder()
                .add("id", "p" + count)
                .add("latitude", LATITUDES[count % 2])
                .add("longitude", 20)
                .add("accuracy", 5)
                .add("timestamp", at.toString())
                .build()
                .toString();
        assertThat(server.post("/api/locations", person, report).status()).isEqualTo(201);
        if (count % 2 == 1) {
            expected.add(at.minusSeconds(2) + " " + at);
        }
        count++;
        at = at.plusSeconds(2);
    }

    private static List<String> visits(Server server, Person person) {
        return server
                .get("/api/users/" + person.id() + "/visits", person)
                .json()
                .getJsonArray("visits")
                .getValuesAs(JsonObject.class)
                .stream()
                .map(visit -> visit.getString("arrivedAt") + " " + visit.getString("leftAt", "still"))
                .toList();
    }
}
