package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.support.Crowd;
import org.draugar.support.Crowd.Peer;
import org.draugar.support.Database;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The server is killed in the middle of its work, again and again: of what it acknowledged nothing may be missing, and
 * nothing may be there twice, although every device sends again what it heard no acknowledgement of. Who is paused stays
 * so.
 *
 * <p>{@code -Ddraugar.crash.rounds=50} for more than a glance.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrashIT {
    private static final int ROUNDS =
            Integer.getInteger("draugar.crash.rounds", Extent.of("CrashIT: kills on each database", 2, 10));
    private static final int SENDERS = 5;
    private static final int IN_FLIGHT = 100;
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void theEmbeddedStoreKeepsItsPromise() throws Exception {
        keepsItsPromise("H2", Map.of());
    }

    @Test
    void postgresKeepsItsPromise() throws Exception {
        keepsItsPromise("PostgreSQL", Database.postgres().database("crash"));
    }

    private void keepsItsPromise(String name, Map<String, String> database) throws Exception {
        Map<String, String> settings = new HashMap<>(database);
        settings.put("DRAUGAR_DATA", folder.resolve("data").toString());
        settings.put("DRAUGAR_SIGNUP", "open");
        Random random = Extent.random("CrashIT, " + name);
        long start = Instant.now().minusSeconds(60).toEpochMilli() * 4096;

        List<Sender> senders = new ArrayList<>();
        Person reader = null;
        Paused paused = null;
        for (int round = 1; round <= ROUNDS; round++) {
            try (ServerProcess process = start(settings);
                    Crowd crowd = new Crowd(process.awaitReady())) {
                Server server = process.awaitReady();
                if (reader == null) {
                    reader = server.startFamily("Reader");
                    for (int i = 0; i < SENDERS; i++) {
                        senders.add(new Sender(server.join(reader, "Sender " + i)));
                    }
                }
                if (paused != null) {
                    paused.areStill(server);
                }
                CountDownLatch heard = new CountDownLatch(200 + random.nextInt(5000));
                senders.forEach(sender -> sender.run(crowd, heard));
                assertThat(heard.await(5, TimeUnit.MINUTES))
                        .as("acknowledgements")
                        .isTrue();
                paused = Paused.begin(server);
                process.kill();
            }
            System.out.printf(
                    "CrashIT: %s on %s, killed %d of %d times%n", name, ServerProcess.CONTAINER, round, ROUNDS);
        }

        int acknowledged = senders.stream().mapToInt(Sender::acknowledged).sum();
        Map<String, AtomicInteger> kept = new ConcurrentHashMap<>();
        try (ServerProcess process = start(settings)) {
            Server server = process.awaitReady();
            paused.areStill(server);
            try (Crowd crowd = new Crowd(server)) {
                CountDownLatch all = new CountDownLatch(1);
                Peer peer = crowd.connect(reader, message -> {
                    if (message.getString("type").equals("location:broadcast")) {
                        String key = message.getString("userId") + " " + message.getInt("altitude");
                        kept.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
                        if (message.getInt("altitude") == Sender.END) {
                            all.countDown();
                        }
                    }
                });
                // Behind everything else in the stream.
                server.post(
                        "/api/locations",
                        senders.get(0).person,
                        Phone.update(1, 1).add("altitude", Sender.END).build().toString());
                peer.resume(start);
                assertThat(all.await(5, TimeUnit.MINUTES))
                        .as("everything was told")
                        .isTrue();
            }
        }
        long missing = senders.stream()
                .flatMap(sender ->
                        sender.acknowledged.keySet().stream().map(number -> sender.person.id() + " " + number))
                .filter(key -> !kept.containsKey(key))
                .count();
        long twice = kept.values().stream().filter(count -> count.get() > 1).count();
        System.out.printf(
                "CrashIT: %s on %s, %d kills under load: %d acknowledged, %d missing, %d twice%n",
                name, ServerProcess.CONTAINER, ROUNDS, acknowledged, missing, twice);
        assertThat(missing).as("acknowledged and missing").isZero();
        assertThat(twice).as("kept twice").isZero();
    }

    private ServerProcess start(Map<String, String> settings) {
        return ServerProcess.start(folder.resolve("wildfly"), settings);
    }

    /**
     * Two who are paused when the server ends.
     *
     * @param carla who is until she ends it, and was before
     * @param david whose pause is over when the server is back
     * @param inside a moment of Carla's first pause
     * @param until when David's ends
     */
    private record Paused(Person carla, Person david, Instant inside, Instant until) {
        static Paused begin(Server server) {
            Person carla = server.startFamily("Carla");
            Person david = server.join(carla, "David");
            server.put("/api/pause", carla, "{}");
            Instant inside = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            Server.await("a millisecond has passed", SOON, () -> Instant.now().isAfter(inside.plusMillis(1)));
            server.delete("/api/pause", carla);
            assertThat(server.put("/api/pause", carla, "{}").status()).isEqualTo(200);
            Instant until = Instant.now().plusSeconds(4);
            assertThat(server.put("/api/pause", david, "{\"until\":\"" + until + "\"}")
                            .status())
                    .isEqualTo(200);
            return new Paused(carla, david, inside, until);
        }

        void areStill(Server server) {
            Server.await("David's pause is over", SOON, () -> Instant.now().isAfter(until.plusSeconds(2)));
            try (Phone davids = Phone.connect(server, david)) {
                assertThat(davids.flush()).hasSize(1).allSatisfy(message -> {
                    assertThat(message.getString("type")).isEqualTo("user:paused");
                    assertThat(message.getString("userId")).isEqualTo(carla.id());
                });
                share(server, 1, Instant.now(), false);
                assertThat(server.delete("/api/pause", carla).status()).isEqualTo(204);
                davids.hear("user:resumed");
                share(server, 2, inside, false);
                share(server, 3, Instant.now(), true);
            }
            assertThat(server.history(carla, ""))
                    .extracting(location -> location.getInt("latitude"))
                    .containsExactly(3);
        }

        private void share(Server server, int latitude, Instant measuredAt, boolean stored) {
            assertThat(server.post(
                                    "/api/locations",
                                    carla,
                                    Phone.update(latitude, 1)
                                            .add("timestamp", measuredAt.toString())
                                            .build()
                                            .toString())
                            .json()
                            .getBoolean("stored"))
                    .as("at %d", latitude)
                    .isEqualTo(stored);
        }
    }

    /** A device that numbers its positions, and sends again what it heard nothing about. */
    private static final class Sender {
        static final int END = 90_000_000;

        private final Person person;
        private final Map<Integer, Boolean> acknowledged = new ConcurrentHashMap<>();
        private final Map<Integer, String> open = new ConcurrentHashMap<>();
        private final AtomicInteger numbers = new AtomicInteger();

        Sender(Person person) {
            this.person = person;
        }

        int acknowledged() {
            return acknowledged.size();
        }

        void run(Crowd crowd, CountDownLatch heard) {
            // The first answer may come before the connection is known by its name.
            Peer[] self = new Peer[1];
            CountDownLatch connected = new CountDownLatch(1);
            self[0] = crowd.connect(person, message -> {
                if (message.getString("type").equals("ack")) {
                    acknowledge(message);
                    heard.countDown();
                    try {
                        connected.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    sendNext(self[0]);
                }
            });
            List<String> again = List.copyOf(open.values());
            again.forEach(self[0]::send);
            for (int i = again.size(); i < IN_FLIGHT; i++) {
                sendNext(self[0]);
            }
            connected.countDown();
        }

        private void acknowledge(JsonObject ack) {
            Integer number = Integer.valueOf(ack.getString("id").substring(1));
            open.remove(number);
            acknowledged.put(number, true);
        }

        private void sendNext(Peer peer) {
            int number = numbers.incrementAndGet();
            String update = Phone.update(64, -21)
                    .add("id", "n" + number)
                    .add("altitude", number)
                    .build()
                    .toString();
            open.put(number, update);
            peer.send(update);
        }
    }
}
