package org.draugar.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Postgres;
import org.draugar.support.Redis;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A family whose members are connected to different nodes is one family. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodesIT {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    static Path folder;

    private static Postgres postgres;
    private static Map<String, String> database;
    private static Redis redis;
    private static ServerProcess first;
    private static ServerProcess second;
    private static Server one;
    private static Server two;

    private final Person anna = one.startFamily("Anna");
    private final Person bjorn = one.join(anna, "Björn");

    @BeforeAll
    static void start() {
        Optional<Postgres> started = Postgres.start();
        assumeTrue(started.isPresent(), "PostgreSQL is not installed: a cluster is not tested");
        postgres = started.get();
        redis = Redis.start();
        database = postgres.database("nodes");
        first = node("one");
        one = first.awaitReady();
        second = node("two");
        two = second.awaitReady();
    }

    private static ServerProcess node(String name) {
        Map<String, String> settings = new HashMap<>(database);
        settings.put("DRAUGAR_DATA", folder.resolve(name).toString());
        settings.put("DRAUGAR_CLUSTER", redis.url());
        settings.put("DRAUGAR_CODE_KEY", "the same on all nodes of the cluster");
        settings.put("DRAUGAR_SIGNUP", "open");
        return ServerProcess.start(folder.resolve("server-" + name), settings);
    }

    @AfterAll
    static void stop() throws Exception {
        try (AutoCloseable last = postgres;
                AutoCloseable third = redis;
                AutoCloseable other = second;
                AutoCloseable one = first) {
            // Each is closed, also where another one could not be.
        }
    }

    @Test
    void aPositionReachesTheFamilyOnEachNodeInOneOrder() {
        try (Phone annas = Phone.connect(one, anna);
                Phone bjorns = Phone.connect(two, bjorn);
                Phone annasToo = Phone.connect(two, anna)) {
            annas.subscribe();
            bjorns.subscribe();
            annasToo.subscribe();
            for (int i = 0; i < 20; i++) {
                bjorns.send(Phone.update(10, i).add("id", "b" + i));
            }
            List<Long> here = offsets(annas, 20);
            assertThat(here).isSorted().doesNotHaveDuplicates();
            assertThat(offsets(annasToo, 20)).isEqualTo(here);
            bjorns.send(Phone.update(10, 19).add("id", "b19"));
            assertThat(bjorns.hear("ack").getString("id")).startsWith("b");
            assertThat(annas.flush()).as("the same id again").isEmpty();
        }
    }

    private static List<Long> offsets(Phone phone, int count) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(i ->
                        phone.hear("location:broadcast").getJsonNumber("offset").longValue())
                .toList();
    }

    @Test
    void whatWasSentToOneNodeIsKnownAgainByAnother() {
        try (Phone annas = Phone.connect(one, anna);
                Phone there = Phone.connect(two, bjorn)) {
            annas.subscribe();
            Phone here = Phone.connect(one, bjorn);
            JsonObject position = Phone.update(1, 2).add("id", "once").build();
            here.send(position.toString());
            assertThat(here.hear("ack").getString("id")).isEqualTo("once");
            here.close();
            there.send(position.toString());
            assertThat(there.hear("ack").getString("id")).isEqualTo("once");
            annas.hear("location:broadcast");
            assertThat(annas.flush().toString()).doesNotContain("location:broadcast");
            assertThat(two.history(bjorn, "")).hasSize(1);
        }
    }

    @Test
    void membersAreOnlineOnEachNode() {
        try (Phone annas = Phone.connect(one, anna)) {
            annas.flush();
            Phone bjorns = Phone.connect(two, bjorn);
            assertThat(bjorns.hear("user:online").getString("userId")).isEqualTo(anna.id());
            assertThat(annas.hear("user:online").getString("userId")).isEqualTo(bjorn.id());
            bjorns.close();
            assertThat(annas.hear("user:offline").getString("userId")).isEqualTo(bjorn.id());
        }
    }

    @Test
    void aPauseHoldsOnEachNode() {
        try (Phone annas = Phone.connect(two, anna);
                Phone bjorns = Phone.connect(two, bjorn)) {
            annas.subscribe();
            assertThat(one.send(one.request("/api/pause", bjorn).PUT(HttpRequest.BodyPublishers.ofString("{}")))
                            .status())
                    .isEqualTo(200);
            assertThat(annas.hear("user:paused").getString("userId")).isEqualTo(bjorn.id());
            bjorns.send(Phone.update(3, 4).add("id", "paused"));
            assertThat(bjorns.hear("error").getString("code")).isEqualTo("paused");
            try (Phone late = Phone.connect(two, anna)) {
                assertThat(late.flush().toString()).contains("user:paused");
            }
            one.delete("/api/pause", bjorn);
            annas.hear("user:resumed");
            // The family may hear of it a moment before the other node takes positions again.
            Server.await(
                    "the other node has heard of it",
                    Duration.ofSeconds(5),
                    () ->
                            two
                                    .get("/api/users", anna)
                                    .json()
                                    .getJsonArray("users")
                                    .getValuesAs(JsonObject.class)
                                    .stream()
                                    .noneMatch(member -> member.getBoolean("paused")));
            bjorns.send(Phone.update(3, 4).add("id", "again"));
            assertThat(bjorns.hear("ack").getString("id")).isEqualTo("again");
            assertThat(annas.hear("location:broadcast").getString("userId")).isEqualTo(bjorn.id());
        }
    }

    @Test
    void whoeverIsRemovedOrSignedOutIsClosedOnEachNodeWithinASecond() {
        Person carla = one.join(anna, "Carla");
        try (Phone bjorns = Phone.connect(two, bjorn);
                Phone carlas = Phone.connect(two, carla)) {
            bjorns.flush();
            carlas.flush();
            one.delete("/api/users/" + bjorn.id(), anna);
            assertThat(bjorns.awaitClose(SECOND).getCloseCode().getCode()).isEqualTo(4403);
            one.post("/api/auth/leave", carla, "{}");
            assertThat(carlas.awaitClose(SECOND).getCloseCode().getCode()).isIn(4401, 4403);
        }
    }

    @Test
    void aNewNameIsUsedOnEachNode() {
        try (Phone annas = Phone.connect(one, anna);
                Phone bjorns = Phone.connect(two, bjorn)) {
            annas.subscribe();
            bjorns.flush();
            assertThat(one.patch("/api/users/" + bjorn.id(), bjorn, "{\"name\":\"Bear\"}")
                            .status())
                    .isEqualTo(204);
            Server.await("the other node has heard of it", SECOND.multipliedBy(5), () -> {
                bjorns.send(Phone.update(1, 1));
                return annas.hear("location:broadcast").getString("name").equals("Bear");
            });
        }
    }

    @Test
    void aNotificationIsHeardByItsMemberAloneOnEachNode() {
        String channel = two.post(
                        "/api/notification-channels", anna, "{\"kind\":\"webhook\",\"url\":\"https://hook.invalid/\"}")
                .string("id");
        try (Phone here = Phone.connect(one, anna);
                Phone there = Phone.connect(two, anna);
                Phone bjorns = Phone.connect(two, bjorn)) {
            assertThat(one.post("/api/notification-channels/" + channel + "/test", anna, "")
                            .status())
                    .isEqualTo(202);
            JsonObject told = here.hear("notification");
            assertThat(there.hear("notification")).isEqualTo(told);
            assertThat(there.flush().toString()).as("once").doesNotContain("notification");
            assertThat(bjorns.flush().toString()).doesNotContain("notification");
        }
        assertThat(two.get("/api/push-key", anna).json())
                .isEqualTo(one.get("/api/push-key", anna).json());
    }

    @Test
    void whatWasMissedIsMadeUpForOnAnotherNode() {
        long offset;
        try (Phone annas = Phone.connect(one, anna)) {
            annas.subscribe();
            one.store(bjorn, 1, Instant.now().minusSeconds(500));
            offset = annas.hear("location:broadcast").getJsonNumber("offset").longValue();
        }
        one.store(bjorn, 30, Instant.now().minusSeconds(100));
        two.store(bjorn, 30, Instant.now().minusSeconds(10));
        try (Phone annas = Phone.connect(two, anna)) {
            annas.send("{\"type\":\"location:subscribe\",\"since\":" + offset + "}");
            assertThat(offsets(annas, 60)).isSorted().doesNotHaveDuplicates();
            assertThat(annas.flush()).isEmpty();
        }
        try (EventStream events = EventStream.open(one, anna, Long.toString(offset))) {
            for (int i = 0; i < 60; i++) {
                events.next("location:broadcast");
            }
        }
    }

    @Test
    void whatWasDeletedIsToldByNoNode() {
        one.store(bjorn, 3, Instant.now().minusSeconds(10));
        try (Phone annas = Phone.connect(two, anna)) {
            assertThat(annas.subscribe()).hasSize(1);
            one.delete("/api/users/" + bjorn.id() + "/locations", bjorn);
            Server.await("the other node has heard of it", SECOND.multipliedBy(5), () -> {
                try (Phone again = Phone.connect(two, anna)) {
                    return again.subscribe().isEmpty();
                }
            });
        }
    }

    @Test
    void aSocketIoClientComesBackToAnotherNode() {
        String pid;
        String offset;
        try (SocketIo client = new SocketIo(one, "{\"token\":\"" + anna.token() + "\"}")) {
            JsonObject connected = client.json("40");
            pid = connected.getString("pid");
            client.send("42[\"location:subscribe\"]");
            one.store(bjorn, 1, Instant.now().minusSeconds(60));
            String event = client.hear("42[\"location:broadcast\"");
            offset = event.substring(event.lastIndexOf(',') + 2, event.length() - 2);
        }
        two.store(bjorn, 2, Instant.now().minusSeconds(10));
        String back = "{\"token\":\"" + anna.token() + "\",\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"}";
        try (SocketIo client = new SocketIo(two, back)) {
            assertThat(client.json("40").getString("pid")).isEqualTo(pid);
            client.hear("42[\"location:broadcast\"");
            client.hear("42[\"location:broadcast\"");
        }
    }

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void aServerThatIsAloneDoesNotStartBesideThem() {
        Map<String, String> settings = new HashMap<>(database);
        settings.put("DRAUGAR_DATA", folder.resolve("alone").toString());
        try (ServerProcess alone = ServerProcess.start(folder.resolve("server-alone"), settings)) {
            alone.log().expect("DRAUGAR_DATABASE_URL");
            assertThat(alone.awaitLine("DRAUGAR_DATABASE_URL: expected")).contains("no other Draugar");
        }
    }

    /** The last: one node is gone after it. */
    @Test
    @Order(Integer.MAX_VALUE)
    void thePeopleOfANodeThatStopsGoOnElsewhere() {
        try (Phone annas = Phone.connect(one, anna)) {
            annas.subscribe();
            Phone bjorns = Phone.connect(two, bjorn);
            annas.hear("user:online");
            second.stop();
            assertThat(bjorns.awaitClose(Duration.ofSeconds(10)).getCloseCode().getCode())
                    .isEqualTo(1001);
            try (Phone again = Phone.connect(one, bjorn)) {
                again.send(Phone.update(5, 6).add("id", "moved"));
                assertThat(again.hear("ack").getString("id")).isEqualTo("moved");
                assertThat(annas.hear("location:broadcast").getString("userId")).isEqualTo(bjorn.id());
            }
            assertThat(annas.hear("user:offline", Duration.ofSeconds(30)).getString("userId"))
                    .isEqualTo(bjorn.id());
        }
    }

    /** As little of a Socket.IO client as this needs, over WebSocket. */
    private static final class SocketIo implements WebSocket.Listener, AutoCloseable {
        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();
        private final WebSocket socket;

        SocketIo(Server server, String auth) {
            URI uri =
                    URI.create("ws://" + server.host() + ":" + server.port() + "/socket.io/?EIO=4&transport=websocket");
            socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(uri, this)
                    .join();
            hear("0{");
            send("40" + auth);
        }

        void send(String packet) {
            socket.sendText(packet, true).join();
        }

        JsonObject json(String start) {
            String text = hear(start);
            return Json.createReader(new StringReader(text.substring(start.length())))
                    .readObject();
        }

        /** The next packet that starts like that; others before it are dropped. */
        String hear(String start) {
            while (true) {
                try {
                    String packet = heard.poll(10, TimeUnit.SECONDS);
                    if (packet == null) {
                        throw new AssertionError("Heard nothing for 10 s that begins with " + start);
                    }
                    if (packet.startsWith(start)) {
                        return packet;
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                heard.add(part.toString());
                part.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        /** As a network does that breaks. */
        @Override
        public void close() {
            socket.abort();
        }
    }
}
