package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.draugar.support.CrowdedServer;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each wrong secret is counted once, whatever door it is tried at; the right ones are not. */
@CrowdedServer
class RefusedSecretsIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Person NOBODY = new Person("nonsense", "", "");

    private final Server server;
    private final Person operator;
    private final Set<JsonObject> known = new HashSet<>();

    RefusedSecretsIT(Server server, ServerProcess process) throws IOException {
        this.server = server;
        this.operator = new Person(
                Files.readString(process.data().resolve("operator.key")).strip(), "", "");
    }

    @BeforeEach
    void whatWasBeforeDoesNotCount() {
        refused();
    }

    @Test
    void wrongSecretsAreCountedAtEveryDoor() {
        server.post("/api/invites/validate", null, "{\"code\":\"AAAABBBBCC\"}");
        server.post("/api/auth/join", null, "{\"code\":\"AAAABBBBCC\",\"name\":\"Eve\"}");
        assertThat(refused()).as("codes").isEqualTo(2);
        for (String path : List.of("/api/auth/me", "/api/events", "/ws", "/api/log", "/api/backup")) {
            assertThat(server.get(path, NOBODY).status()).as(path).isEqualTo(401);
            assertThat(refused()).as(path).isEqualTo(1);
        }
        Person anna = server.startFamily("Anna");
        for (String app : List.of("owntracks", "osmand", "overland", "gpslogger")) {
            Tracker tracker = Tracker.add(server, anna, app);
            String path = "/" + app + (app.equals("osmand") ? "?id=nonsense" : "");
            assertThat(server.send(tracker.request(path, "nonsense").POST(BodyPublishers.ofString("{}")))
                            .status())
                    .as(path)
                    .isIn(401, 404);
            assertThat(refused()).as(path).isEqualTo(1);
        }
    }

    @Test
    void aWrongTokenInSocketIoIsCounted() {
        String path = "/socket.io/?EIO=4&transport=polling";
        String opened = server.get(path, null).response().body();
        String session = path + "&sid=" + opened.replaceFirst("(?s).*\"sid\":\"([^\"]+)\".*", "$1");
        server.post(session, null, "40{\"token\":\"nonsense\"}");
        Server.await("it is counted", SOON, () -> refused() == 1);
    }

    @Test
    void rightSecretsAreNot() {
        Person anna = server.startFamily("Anna");
        server.get("/api/auth/me", anna);
        for (String path : List.of("/api/metrics", "/api/log")) {
            assertThat(server.get(path, operator).status()).as(path).isEqualTo(200);
        }
        assertThat(refused()).isZero();
    }

    /** How many were refused since the last call. */
    private long refused() {
        List<JsonObject> news = new ArrayList<>(
                server.get("/api/log", operator).json().getJsonArray("entries").getValuesAs(JsonObject.class));
        news.removeIf(entry -> !entry.getString("event").equals("secrets-refused") || !known.add(entry));
        return news.stream().mapToLong(entry -> entry.getInt("times")).sum();
    }
}
