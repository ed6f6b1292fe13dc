package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Postgres;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A PostgreSQL of these tests' own. It may stop where it is, as when its disk hangs, and go on: nobody live waits, and
 * nothing is lost. What is deleted is gone from its disk, and a dump becomes the store again.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PostgresIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final Instant YESTERDAY = Instant.now().minus(Duration.ofDays(1));

    @TempDir
    static Path folder;

    /** Of its own: the others' would hang too. */
    private static Postgres postgres;

    private static ServerProcess process;
    private static Server server;

    @BeforeAll
    static void start() {
        Optional<Postgres> started = Postgres.start();
        assumeTrue(started.isPresent(), "PostgreSQL is not installed: it is not tested");
        postgres = started.get();
        process = start("data", postgres.database("hangs"));
        expectComplaints(process);
        server = process.awaitReady();
    }

    @AfterAll
    static void stop() {
        if (postgres != null) {
            try {
                process.close();
            } finally {
                postgres.close();
            }
        }
    }

    /** What the log should say of a store that does not answer. */
    private static void expectComplaints(ServerProcess process) {
        process.log().expect("until the store answers");
        process.log().expect("Failed to validate connection");
        process.log().expect("marked as broken");
    }

    /** The first of all, while the table holds nothing else. */
    @Test
    @Order(1)
    void whatIsDeletedIsGoneFromTheDisk() throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Zyxwvutsrqpo");
        server.store(bjorn, 3000, Instant.now());
        assertThat(server.history(bjorn, "?limit=5000")).hasSize(3000);
        assertThat(postgres.tablesContain("hangs", "Zyxwvutsrqpo")).isTrue();
        long before = postgres.size("hangs", "position");
        assertThat(server.delete("/api/users/" + bjorn.id(), bjorn).status()).isEqualTo(204);
        Server.await("the table has become smaller", SOON, () -> postgres.size("hangs", "position") < before / 2);
        Server.await("the name is gone", SOON, () -> !postgres.tablesContain("hangs", "Zyxwvutsrqpo"));
    }

    @Test
    void aDumpTakenWhileRunningBecomesTheStoreAgain() {
        Person anna = server.startFamily("Anna");
        server.store(anna, 300, Instant.now());
        assertThat(server.history(anna, "?limit=5000")).hasSize(300);
        String dump = folder.resolve("draugar.dump").toString();
        postgres.run("pg_dump", "--format=custom", "--file=" + dump, "hangs");
        server.store(anna, 1, Instant.now());
        assertThat(server.get("/api/backup", null).status()).isEqualTo(409);
        Map<String, String> after = postgres.database("after");
        postgres.run("pg_restore", "--clean", "--if-exists", "--dbname=after", dump);
        try (ServerProcess restored = start("restored", after)) {
            assertThat(restored.awaitReady().history(anna, "?limit=5000")).hasSize(300);
        }
    }

    @Test
    void anAlarmWithoutAPlaceIsKept() {
        Person anna = server.startFamily("Anna");
        assertThat(Tracker.add(server, anna, "traccar").alarm("sos").status()).isEqualTo(200);
        assertThat(server.get("/api/alarms", anna).json().getJsonArray("alarms"))
                .hasSize(1);
    }

    /** To be silent for a day is to have been heard a day ago, and that the store can be told. */
    @Test
    void whoseTrackerHasBeenSilentForADayIsTold() {
        Person anna = server.startFamily("Anna");
        Tracker tracker = Tracker.add(server, anna, "owntracks");
        try (Phone phone = Phone.connect(server, anna)) {
            assertThat(tracker.post("/owntracks", point()).status()).isEqualTo(200);
            assertThat(phone.hear("tracker:update").getString("state")).isEqualTo("fine");
            assertThat(tracker.seenBy(anna).getString("state")).isEqualTo("fine");
            postgres.query(
                    "hangs",
                    "update tracker set contact_at = contact_at - interval '1 day',"
                            + " silent_at = now() + interval '1 second'");
            JsonObject told = phone.hear("tracker:update", SOON);
            assertThat(told.getString("id")).isEqualTo(tracker.id());
            assertThat(told.getString("state")).isEqualTo("silent");
            assertThat(tracker.seenBy(anna).getString("state")).isEqualTo("silent");
        }
    }

    @Test
    void liveGoesOnWhileTheStoreHangs() throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            annas.send(Phone.update(0, 0).add("id", "before"));
            annas.hear("ack");
            bjorns.hear("location:broadcast");
            postgres.freeze();
            try {
                for (int i = 1; i <= 20; i++) {
                    annas.send(Phone.update(i, i).add("id", "n" + i));
                    assertThat(bjorns.hear("location:broadcast").getInt("latitude"))
                            .isEqualTo(i);
                }
                Server.await(
                        "health tells",
                        SOON,
                        () -> server.get("/api/health", null)
                                        .json()
                                        .getJsonObject("backlog")
                                        .getInt("waiting")
                                >= 20);
                assertThat(server.get("/api/metrics", null).response().body()).contains("draugar_store_waiting 20.0\n");
                assertThat(server.get("/api/metrics", anna).status())
                        .as("whoever asks is not looked up in the store")
                        .isEqualTo(200);
                Server.await(
                        "health says why",
                        SOON,
                        () -> server.get("/api/health", null).status() == 503
                                && server.get("/api/health", null)
                                        .string("trouble")
                                        .contains("does not answer"));
                assertThat(annas.flush()).as("no promise meanwhile").isEmpty();
            } finally {
                postgres.thaw();
            }
            for (int i = 1; i <= 20; i++) {
                assertThat(annas.hear("ack").getString("id")).isEqualTo("n" + i);
            }
        }
    }

    @Test
    void theFirstReportAfterARestartIsToldWhileTheStoreHangs() throws Exception {
        Map<String, String> database = postgres.database("restarted");
        Person anna;
        Person bjorn;
        try (ServerProcess process = start("restarted", database)) {
            Server server = process.awaitReady();
            anna = server.startFamily("Anna");
            bjorn = server.join(anna, "Björn");
            try (Phone annas = Phone.connect(server, anna)) {
                annas.send(Phone.update(1, 1).add("id", "before"));
                annas.hear("ack");
            }
        }
        try (ServerProcess process = start("restarted", database)) {
            expectComplaints(process);
            Server server = process.awaitReady();
            try (Phone annas = Phone.connect(server, anna);
                    Phone bjorns = Phone.connect(server, bjorn)) {
                bjorns.subscribe();
                postgres.freeze();
                try {
                    annas.send(Phone.update(1, 1).add("id", "before"));
                    assertThat(annas.hear("ack").getString("id"))
                            .as("known to be kept")
                            .isEqualTo("before");
                    annas.send(Phone.update(2, 2).add("id", "after"));
                    assertThat(bjorns.hear("location:broadcast").getInt("latitude"))
                            .isEqualTo(2);
                } finally {
                    postgres.thaw();
                }
                assertThat(annas.hear("ack").getString("id")).isEqualTo("after");
            }
        }
    }

    @Test
    void whenNoMoreCanWaitTheNextIsRefusedAndNoneIsLost() throws Exception {
        Person anna = server.startFamily("Anna");
        int most =
                server.get("/api/health", null).json().getJsonObject("backlog").getInt("most");
        try (Phone phone = Phone.connect(server, anna)) {
            phone.send(numbered(0));
            phone.hear("ack");
            postgres.freeze();
            try {
                for (int i = 1; i <= most; i++) {
                    phone.send(numbered(i));
                }
                assertThat(phone.flush()).isEmpty();
                phone.send(numbered(most + 1));
                JsonObject refused = phone.hear();
                assertThat(refused.getString("type")).isEqualTo("error");
                assertThat(refused.getString("code")).isEqualTo("unavailable");
                assertThat(refused.getString("id")).isEqualTo("n" + (most + 1));
                assertThat(refused.getString("message"))
                        .isEqualTo("The server cannot keep up with storing; send it again later");
            } finally {
                postgres.thaw();
            }
            for (int i = 1; i <= most; i++) {
                assertThat(phone.hear("ack", SOON).getString("id")).isEqualTo("n" + i);
            }
            phone.send(numbered(most + 1));
            assertThat(phone.hear().getString("type")).isEqualTo("ack");
        }
    }

    /** Each measured after the one before, so that the server knows them for new without a look into the store. */
    private static JsonObjectBuilder numbered(int number) {
        return Phone.update(1, 1)
                .add("id", "n" + number)
                .add("timestamp", YESTERDAY.plusMillis(number).toString());
    }

    /** As its app does: it gives up waiting, sends the same again, and forgets a point only when it is told to. */
    @Test
    void aTrackerLosesNothingWhileTheStoreHangs() throws Exception {
        Tracker tracker = Tracker.add(server, server.startFamily("Anna"), "owntracks");
        String point = "{\"_type\":\"location\",\"lat\":1,\"lon\":2,\"tst\":"
                + Instant.now().getEpochSecond() + "}";
        HttpClient app =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = tracker.request("/owntracks", tracker.secret())
                .timeout(Duration.ofSeconds(2))
                .POST(BodyPublishers.ofString(point))
                .build();
        postgres.freeze();
        try {
            for (int time = 0; time < 3; time++) {
                try {
                    assertThat(app.send(request, BodyHandlers.ofString()).statusCode())
                            .isEqualTo(503);
                } catch (HttpTimeoutException e) {
                    // It gives up waiting, and keeps the point.
                }
            }
        } finally {
            postgres.thaw();
        }
        assertThat(tracker.post("/owntracks", point).status()).isEqualTo(200);
        assertThat(tracker.kept()).hasSize(1);
    }

    /** Where an OwnTracks is now. */
    private static String point() {
        return "{\"_type\":\"location\",\"lat\":1,\"lon\":2,\"tst\":"
                + Instant.now().getEpochSecond() + "}";
    }

    private static ServerProcess start(String data, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("DRAUGAR_DATA", folder.resolve(data).toString());
        settings.put("DRAUGAR_SIGNUP", "open");
        // One phone fills the queue that is for everybody's.
        settings.put("DRAUGAR_POSITIONS_PER_SECOND", "1000");
        return ServerProcess.start(folder.resolve("server-" + data), settings);
    }
}
