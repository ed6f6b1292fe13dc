package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What lies on the disk: it can be backed up, it is deleted when it must be, and nobody live waits for it. */
@Execution(ExecutionMode.CONCURRENT)
class StoreIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void aBackupTakenWhileRunningBecomesTheStoreAgainAndEverybodyMayBeSignedOut() throws Exception {
        Path zip = folder.resolve("backup.zip");
        Person anna;
        String code;
        try (ServerProcess process = start("data", Map.of())) {
            Server server = process.awaitReady();
            anna = server.startFamily("Anna");
            server.store(anna, 300, Instant.now());
            code = server.invite(anna);
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
            server.store(anna, 1, Instant.now());
        }
        unzip(zip, Files.createDirectories(folder.resolve("restored")));
        try (ServerProcess process = start("restored", Map.of())) {
            Server server = process.awaitReady();
            assertThat(server.history(anna, "?limit=5000")).hasSize(300);
            assertThat(server.post("/api/invites/validate", null, "{\"code\":\"" + code + "\"}")
                            .json()
                            .getBoolean("valid"))
                    .as("the key of codes is in no backup")
                    .isFalse();
            aCodeBringsBackWhoIsSignedOut(server, anna);
        }
    }

    private void aCodeBringsBackWhoIsSignedOut(Server server, Person anna) throws Exception {
        Person bjorn = server.join(anna, "Björn");
        Tracker tracker = Tracker.add(server, anna, "owntracks");
        String invitation = server.invite(anna);
        assertThat(server.delete("/api/tokens", anna).status())
                .as("an admin is no operator")
                .isEqualTo(401);
        Person operator = new Person(
                Files.readString(folder.resolve("restored/operator.key")).strip(), "", "");
        List<JsonObject> codes;
        try (Phone phone = Phone.connect(server, bjorn)) {
            codes = server.delete("/api/tokens", operator)
                    .json()
                    .getJsonArray("codes")
                    .getValuesAs(JsonObject.class);
            assertThat(phone.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(4401);
        }
        assertThat(List.of(
                        server.get("/api/auth/me", anna).status(),
                        server.get("/api/auth/me", bjorn).status(),
                        tracker.post("/owntracks", "").status()))
                .containsOnly(401);
        assertThat(server.post("/api/invites/validate", null, "{\"code\":\"" + invitation + "\"}")
                        .json()
                        .getBoolean("valid"))
                .isFalse();
        assertThat(codes)
                .extracting(code -> code.getString("family") + ": " + code.getString("name"))
                .containsExactly("Family of Anna: Anna", "Family of Anna: Björn");
        Person back = server.join(codes.get(0).getString("code"), "anything");
        assertThat(back.id()).isEqualTo(anna.id());
        assertThat(back.name()).isEqualTo("Anna");
        assertThat(server.post("/api/invites", back, "").status())
                .as("an admin as before")
                .isEqualTo(201);
    }

    @Test
    void whatIsDeletedIsGoneFromTheDisk() throws Exception {
        try (ServerProcess process = start("data", Map.of())) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            // Names lie in the file as they are, so their absence can be seen.
            Person bjorn = server.join(anna, "Zyxwvutsrqpo");
            assertThat(names()).contains("Zyxwvutsrqpo");
            server.store(bjorn, 20, Instant.now());
            server.store(anna, 3000, Instant.now());
            assertThat(server.history(anna, "?limit=5000")).hasSize(3000);
            long before = size();
            assertThat(server.delete("/api/users/" + anna.id() + "/locations", anna)
                            .status())
                    .isEqualTo(204);
            assertThat(server.history(anna, "")).isEmpty();
            Server.await("the file has become smaller", SOON, () -> size() < before / 2);
            assertThat(server.history(bjorn, "")).hasSize(20);
            try (Phone phone = Phone.connect(server, bjorn)) {
                assertThat(phone.subscribe())
                        .as("nobody sees where Anna was last")
                        .isEmpty();
            }

            // Again within ten minutes: the file is not written anew before the server stops.
            server.store(anna, 3000, Instant.now());
            assertThat(server.delete("/api/users/" + bjorn.id(), bjorn).status())
                    .isEqualTo(204);
            assertThat(server.delete("/api/users/" + anna.id(), anna).status())
                    .as("the last one takes the family along")
                    .isEqualTo(204);
            assertThat(server.get("/api/auth/me", anna).status()).isEqualTo(401);
            process.stop();
            process.awaitExit();
            assertThat(size()).isLessThan(before / 2);
            assertThat(names()).doesNotContain("Zyxwvutsrqpo");
        }
    }

    @Test
    void withoutHistoryOnlyTheLastPositionIsKept() throws Exception {
        try (ServerProcess process = start("data", Map.of("DRAUGAR_HISTORY", "off"))) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            Person bjorn = server.join(anna, "Björn");
            server.store(anna, 100, Instant.now());
            assertThat(server.history(anna, "")).hasSize(1);
            try (Phone phone = Phone.connect(server, bjorn)) {
                assertThat(phone.subscribe()).hasSize(1);
            }
            assertThat(server.post("/api/users/" + anna.id() + "/imports", anna, "<gpx/>")
                            .status())
                    .isEqualTo(409);
        }
    }

    private ServerProcess start(String data, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("DRAUGAR_DATA", folder.resolve(data).toString());
        settings.put("DRAUGAR_SIGNUP", "open");
        return ServerProcess.start(folder.resolve("server"), settings);
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
