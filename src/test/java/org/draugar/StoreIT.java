package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.draugar.support.Database;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Postgres;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies on the disk: it can be backed up, it is deleted when it must be, and nobody live waits for it. */
class StoreIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @BeforeAll
    static void onlyWhereAServerCanBeStarted() {
        assumeFalse(
                System.getProperty("draugar.container", "payara-micro").equals("payara-server"),
                "Tested on Payara Micro, which is the same server, and on WildFly");
    }

    @Test
    void aBackupTakenWhileRunningBecomesTheStoreAgain() throws Exception {
        Path zip = folder.resolve("backup.zip");
        Person anna;
        try (ServerProcess process = start("data", Map.of())) {
            Server server = process.awaitReady();
            anna = server.startFamily("Anna");
            store(server, anna, 300, Instant.now());
            HttpRequest.Builder request = server.request("/api/backup", null);
            assertThat(server.send(request.GET()).status()).isEqualTo(401);
            assertThat(server.get("/api/backup", anna).status())
                    .as("an admin is no operator")
                    .isEqualTo(401);
            String key = Files.readString(folder.resolve("data/operator.key")).strip();
            assertThat(HttpClient.newHttpClient()
                            .send(
                                    server.request("/api/backup", null)
                                            .header("Authorization", "Bearer " + key)
                                            .build(),
                                    BodyHandlers.ofFile(zip))
                            .statusCode())
                    .isEqualTo(200);
            store(server, anna, 1, Instant.now());
        }
        unzip(zip, Files.createDirectories(folder.resolve("restored")));
        try (ServerProcess process = start("restored", Map.of())) {
            Server server = process.awaitReady();
            assertThat(history(server, anna, "?limit=5000")).hasSize(300);
        }
    }

    @Test
    void aDumpOfPostgresTakenWhileRunningBecomesTheStoreAgain() throws Exception {
        Postgres postgres = Database.postgres();
        Map<String, String> settings = postgres.database("before");
        String dump = folder.resolve("draugar.dump").toString();
        Person anna;
        try (ServerProcess process = start("data", settings)) {
            Server server = process.awaitReady();
            anna = server.startFamily("Anna");
            store(server, anna, 300, Instant.now());
            assertThat(history(server, anna, "?limit=5000")).hasSize(300);
            postgres.run("pg_dump", "--format=custom", "--file=" + dump, "before");
            store(server, anna, 1, Instant.now());
            assertThat(server.get("/api/backup", null).status()).isEqualTo(409);
        }
        settings = postgres.database("after");
        postgres.run("pg_restore", "--clean", "--if-exists", "--dbname=after", dump);
        try (ServerProcess process = start("data", settings)) {
            Server server = process.awaitReady();
            assertThat(history(server, anna, "?limit=5000")).hasSize(300);
        }
    }

    @Test
    void whatIsDeletedIsGoneFromTheDisk() throws Exception {
        try (ServerProcess process = start("data", Map.of())) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            // Names lie in the file as they are, so their absence can be seen.
            Person bjorn = server.join(anna, "Zyxwvutsrqpo");
            assertThat(names()).contains("Zyxwvutsrqpo");
            store(server, bjorn, 20, Instant.now());
            store(server, anna, 3000, Instant.now());
            assertThat(history(server, anna, "?limit=5000")).hasSize(3000);
            long before = size();
            assertThat(server.delete("/api/users/" + anna.id() + "/locations", anna)
                            .status())
                    .isEqualTo(204);
            assertThat(history(server, anna, "")).isEmpty();
            Server.await("the file has become smaller", SOON, () -> size() < before / 2);
            assertThat(history(server, bjorn, "")).hasSize(20);
            try (Phone phone = Phone.connect(server, bjorn)) {
                assertThat(phone.subscribe())
                        .as("nobody sees where Anna was last")
                        .isEmpty();
            }

            store(server, anna, 3000, Instant.now());
            assertThat(server.delete("/api/users/" + bjorn.id(), bjorn).status())
                    .isEqualTo(204);
            assertThat(server.delete("/api/users/" + anna.id(), anna).status())
                    .as("the last one takes the family along")
                    .isEqualTo(204);
            Server.await("the file has become smaller again", SOON, () -> size() < before / 2);
            Server.await("the name is gone", SOON, () -> !names().contains("Zyxwvutsrqpo"));
            assertThat(server.get("/api/auth/me", anna).status()).isEqualTo(401);
        }
    }

    @Test
    void withoutHistoryOnlyTheLastPositionIsKept() throws Exception {
        try (ServerProcess process = start("data", Map.of("DRAUGAR_HISTORY", "off"))) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            Person bjorn = server.join(anna, "Björn");
            store(server, anna, 100, Instant.now());
            assertThat(history(server, anna, "")).hasSize(1);
            try (Phone phone = Phone.connect(server, bjorn)) {
                assertThat(phone.subscribe()).hasSize(1);
            }
            assertThat(server.post("/api/users/" + anna.id() + "/imports", anna, "<gpx/>")
                            .status())
                    .isEqualTo(409);
        }
    }

    @Test
    void aFamilyMayKeepLessThanItsServer() throws Exception {
        try (ServerProcess process = start("data", Map.of("DRAUGAR_HISTORY", "7d"))) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            store(server, anna, 50, Instant.now().minus(3, ChronoUnit.DAYS));
            store(server, anna, 10, Instant.now());
            assertThat(history(server, anna, "")).hasSize(60);
            assertThat(server.get("/api/family", anna).string("history")).isEqualTo("7d");
            assertThat(patch(server, anna, "{\"history\":\"8d\"}")).isEqualTo(400);
            assertThat(patch(server, anna, "{\"history\":\"1d\"}")).isEqualTo(200);
            Server.await(
                    "the older ones are gone",
                    SOON,
                    () -> history(server, anna, "").size() == 10);
            assertThat(patch(server, anna, "{\"history\":\"off\"}")).isEqualTo(200);
            Server.await(
                    "all but one are gone",
                    SOON,
                    () -> history(server, anna, "").size() == 1);
        }
    }

    @Test
    void liveGoesOnWhileTheStoreHangs() throws Exception {
        Postgres postgres = Database.postgres();
        try (ServerProcess process = start("data", postgres.database("slow"))) {
            Server server = process.awaitReady();
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
                    assertThat(server.get("/api/metrics", null).response().body())
                            .contains("draugar_store_waiting 20\n");
                    assertThat(server.get("/api/health", null).status()).isEqualTo(503);
                    assertThat(annas.flush()).as("no promise meanwhile").isEmpty();
                } finally {
                    postgres.thaw();
                }
                for (int i = 1; i <= 20; i++) {
                    assertThat(annas.hear("ack").getString("id")).isEqualTo("n" + i);
                }
            }
        }
    }

    @Test
    void theFirstReportAfterARestartIsToldWhileTheStoreHangs() throws Exception {
        Postgres postgres = Database.postgres();
        Map<String, String> database = postgres.database("restarted");
        Person anna;
        Person bjorn;
        try (ServerProcess process = start("data", database)) {
            Server server = process.awaitReady();
            anna = server.startFamily("Anna");
            bjorn = server.join(anna, "Björn");
            try (Phone annas = Phone.connect(server, anna)) {
                annas.send(Phone.update(1, 1).add("id", "before"));
                annas.hear("ack");
            }
        }
        try (ServerProcess process = start("data", database)) {
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
        Postgres postgres = Database.postgres();
        try (ServerProcess process = start("data", postgres.database("crowded"))) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            int most = server.get("/api/health", null)
                    .json()
                    .getJsonObject("backlog")
                    .getInt("most");
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
    }

    /** Each measured after the one before, so that the server knows them for new without a look into the store. */
    private static JsonObjectBuilder numbered(int number) {
        return Phone.update(1, 1)
                .add("id", "n" + number)
                .add("timestamp", Instant.EPOCH.plusMillis(number).toString());
    }

    @Test
    void whatIsDeletedIsGoneFromTheDiskOfPostgresToo() throws Exception {
        Postgres postgres = Database.postgres();
        try (ServerProcess process = start("data", postgres.database("erased"))) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            Person bjorn = server.join(anna, "Zyxwvutsrqpo");
            store(server, bjorn, 3000, Instant.now());
            assertThat(history(server, bjorn, "?limit=5000")).hasSize(3000);
            assertThat(postgres.tablesContain("erased", "Zyxwvutsrqpo")).isTrue();
            long before = postgres.size("erased", "track");
            assertThat(server.delete("/api/users/" + bjorn.id(), bjorn).status())
                    .isEqualTo(204);
            Server.await("the table has become smaller", SOON, () -> postgres.size("erased", "track") < before / 2);
            Server.await("the name is gone", SOON, () -> !postgres.tablesContain("erased", "Zyxwvutsrqpo"));
        }
    }

    /** As its app does: it gives up waiting, sends the same again, and forgets a point only when it is told to. */
    @Test
    void aTrackerLosesNothingWhileTheStoreHangs() throws Exception {
        Postgres postgres = Database.postgres();
        try (ServerProcess process = start("data", postgres.database("trackers"))) {
            Server server = process.awaitReady();
            Tracker tracker = Tracker.add(server, server.startFamily("Anna"), "owntracks");
            String point = point();
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
    }

    /** To be silent for a day is to have been heard a day ago, and that the store can be told. */
    @Test
    void whoseTrackerHasBeenSilentForADayIsTold() {
        Postgres postgres = Database.postgres();
        try (ServerProcess process = start("data", postgres.database("silent"))) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            Tracker tracker = Tracker.add(server, anna, "owntracks");
            try (Phone phone = Phone.connect(server, anna)) {
                assertThat(tracker.post("/owntracks", point()).status()).isEqualTo(200);
                assertThat(phone.hear("tracker:update").getString("state")).isEqualTo("fine");
                assertThat(tracker.seenBy(anna).getString("state")).isEqualTo("fine");
                postgres.query(
                        "silent",
                        "update tracker set contact_at = contact_at - interval '1 day',"
                                + " silent_at = now() + interval '1 second'");
                JsonObject told = phone.hear("tracker:update", SOON);
                assertThat(told.getString("id")).isEqualTo(tracker.id());
                assertThat(told.getString("state")).isEqualTo("silent");
                assertThat(tracker.seenBy(anna).getString("state")).isEqualTo("silent");
            }
        }
    }

    /** Where an OwnTracks is now. */
    private static String point() {
        return "{\"_type\":\"location\",\"lat\":1,\"lon\":2,\"tst\":"
                + Instant.now().getEpochSecond() + "}";
    }

    private ServerProcess start(String data, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("DRAUGAR_DATA", folder.resolve(data).toString());
        settings.put("DRAUGAR_SIGNUP", "open");
        return ServerProcess.start(folder.resolve("server"), settings);
    }

    private static void store(Server server, Person person, int count, Instant last) {
        for (int from = 0; from < count; from += 500) {
            JsonArrayBuilder some = Json.createArrayBuilder();
            for (int i = from; i < Math.min(count, from + 500); i++) {
                some.add(Phone.update(Math.random() * 90, Math.random() * 90)
                        .add("timestamp", last.minusSeconds(count - i).toString()));
            }
            assertThat(server.post("/api/locations", person, some.build().toString())
                            .status())
                    .isEqualTo(200);
        }
    }

    private static List<JsonObject> history(Server server, Person person, String query) {
        return server.get("/api/users/" + person.id() + "/locations" + query, person)
                .json()
                .getJsonArray("locations")
                .getValuesAs(JsonObject.class);
    }

    private static int patch(Server server, Person person, String body) {
        return server.send(server.request("/api/family", person).method("PATCH", BodyPublishers.ofString(body)))
                .status();
    }

    private String names() {
        try {
            return Files.readString(folder.resolve("data/draugar.mv.db"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private long size() {
        try {
            return Files.size(folder.resolve("data/draugar.mv.db"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void unzip(Path zip, Path target) throws IOException {
        try (InputStream in = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(in, StandardCharsets.UTF_8)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Files.copy(entries, target.resolve(entry.getName()));
            }
        }
    }
}
