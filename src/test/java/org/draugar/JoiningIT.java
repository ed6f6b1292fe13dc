package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.ServerProcess;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Joining, members, devices and the shape of answers, over HTTP. */
@SharedServer
class JoiningIT {
    private final Server server;

    JoiningIT(Server server) {
        this.server = server;
    }

    @Test
    void anInviteLetsOnePersonInHoweverTheyTypeIt() {
        Person anna = server.startFamily("Anna");
        Answer invite = server.post("/api/invites", anna, "{\"expiresInHours\":2}");
        assertThat(invite.status()).isEqualTo(201);
        assertThat(Instant.parse(invite.string("expiresAt")))
                .isBetween(Instant.now().plusSeconds(7100), Instant.now().plusSeconds(7300));
        String code = invite.string("code");
        assertThat(code).as("as many as the phone app takes").matches("[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{8}");
        String typed = " " + code.toLowerCase(java.util.Locale.ROOT).replaceAll("(.{4})", "$1 ");

        Answer valid = server.post("/api/invites/validate", null, "{\"code\":\"" + typed + "\"}");
        assertThat(valid.json().getBoolean("valid")).isTrue();
        assertThat(valid.string("code")).isEqualTo(code);

        Person bjorn = server.join(typed, "Björn");
        Answer me = server.get("/api/auth/me", bjorn);
        assertThat(me.string("id")).isEqualTo(bjorn.id());
        assertThat(me.string("name")).isEqualTo("Björn");
        assertThat(names(server.get("/api/users", anna))).containsExactly("Anna", "Björn");

        Answer again = server.post("/api/auth/join", null, "{\"code\":\"" + code + "\",\"name\":\"Eve\"}");
        assertThat(again.response().body())
                .isEqualTo("{\"error\":true,\"message\":\"Invalid or expired invite code\",\"statusCode\":400}");
        assertThat(server.post("/api/invites/validate", null, "{\"code\":\"" + code + "\"}")
                        .response()
                        .body())
                .isEqualTo("{\"valid\":false}");
    }

    @Test
    void ofFiveHundredWhoJoinAtOnceWithOneCodeOneGetsIn() throws Exception {
        Person anna = server.startFamily("Anna");
        String body = "{\"code\":\"" + server.invite(anna) + "\",\"name\":\"Guest\"}";
        ExecutorService threads = Executors.newFixedThreadPool(64);
        try {
            // Each comes from an address of their own, told by the trusted proxy on this machine.
            List<Integer> statuses = threads
                    .invokeAll(IntStream.range(0, 500)
                            .mapToObj(i -> (java.util.concurrent.Callable<Integer>)
                                    () -> server.send(server.request("/api/auth/join", null)
                                                    .header("X-Forwarded-For", "198.51." + i / 250 + "." + i % 250)
                                                    .POST(BodyPublishers.ofString(body)))
                                            .status())
                            .toList())
                    .stream()
                    .map(JoiningIT::get)
                    .toList();
            assertThat(statuses).filteredOn(status -> status == 201).hasSize(1);
            assertThat(statuses).filteredOn(status -> status == 400).hasSize(499);
        } finally {
            threads.shutdown();
        }
        assertThat(names(server.get("/api/users", anna))).containsExactly("Anna", "Guest");
    }

    @Test
    void whoGuessesCodesHasToWaitAndNobodyElseDoes() {
        Person anna = server.startFamily("Anna");
        Answer answer = null;
        for (int i = 0; i < 40 && (answer == null || answer.status() == 400); i++) {
            answer = guess("203.0.113.7");
        }
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.response().headers().firstValue("Retry-After").orElseThrow())
                .matches("[1-9][0-9]?");
        assertThat(answer.json().getBoolean("error")).isTrue();

        assertThat(guess("203.0.113.8").status()).as("somebody elsewhere").isEqualTo(400);
        assertThat(server.get("/api/users", anna).status()).as("the family").isEqualTo(200);
        assertThat(server.join(anna, "Björn").id()).isNotEmpty();
    }

    private Answer guess(String address) {
        return server.send(server.request("/api/auth/join", null)
                .header("X-Forwarded-For", "10.9.8.7, " + address)
                .POST(BodyPublishers.ofString("{\"code\":\"AAAABBBBCC\",\"name\":\"Eve\"}")));
    }

    @Test
    void openInvitationsAreListedAndWithdrawnAndNeverSayTheirCode() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Answer invite = server.post("/api/invites", anna, "{\"expiresInHours\":2}");
        String code = invite.string("code");

        Answer list = server.get("/api/invites", anna);
        assertThat(list.response().body()).doesNotContain(code);
        JsonArray open = list.json().getJsonArray("invites");
        assertThat(open).as("the used one is over").hasSize(1);
        JsonObject one = open.getJsonObject(0);
        assertThat(one.getString("id")).isEqualTo(invite.string("id"));
        assertThat(one.getString("userId")).isEqualTo(anna.id());
        assertThat(one.getString("expiresAt")).isEqualTo(invite.string("expiresAt"));

        String path = "/api/invites/" + one.getString("id");
        assertThat(server.get("/api/invites", bjorn).status()).isEqualTo(403);
        assertThat(server.delete(path, bjorn).status()).isEqualTo(403);
        assertThat(server.delete(path, server.startFamily("Eve")).status()).isEqualTo(404);
        assertThat(isOpen(code)).isTrue();
        assertThat(server.delete(path, anna).status()).isEqualTo(204);
        assertThat(isOpen(code)).isFalse();
        assertThat(server.delete(path, anna).status()).isEqualTo(404);
        assertThat(server.get("/api/invites", anna).json().getJsonArray("invites"))
                .isEmpty();
    }

    @Test
    void anInvitationEndsWithTheOneWhoMayNotInviteAnyMore() {
        Person anna = server.startFamily("Anna");
        for (String how : List.of("signed out", "demoted", "removed")) {
            Person other = server.join(anna, "Björn");
            String path = "/api/users/" + other.id();
            server.patch(path, anna, "{\"role\":\"admin\"}");
            String code = server.invite(other);
            assertThat(isOpen(code)).isTrue();
            switch (how) {
                case "signed out" -> server.post("/api/auth/leave", other, "");
                case "demoted" -> server.patch(path, anna, "{\"role\":\"member\"}");
                default -> server.delete(path, anna);
            }
            assertThat(isOpen(code)).as(how).isFalse();
        }
        String annas = server.invite(anna);
        server.patch("/api/users/" + anna.id(), anna, "{\"name\":\"Anna J.\"}");
        assertThat(isOpen(annas)).isTrue();
    }

    @Test
    void aFamilyHasNoMoreOpenInvitationsThanItCanLookThrough() {
        Person anna = server.startFamily("Anna");
        String first = server.invite(anna);
        for (int i = 1; i < 20; i++) {
            server.invite(anna);
        }
        Answer tooMany = server.post("/api/invites", anna, "");
        assertThat(tooMany.status()).isEqualTo(409);
        assertThat(tooMany.string("message")).contains("withdraw one first");
        server.join(first, "Björn");
        assertThat(server.post("/api/invites", anna, "").status()).isEqualTo(201);
    }

    private boolean isOpen(String code) {
        return server.post("/api/invites/validate", null, "{\"code\":\"" + code + "\"}")
                .json()
                .getBoolean("valid");
    }

    @Test
    void whoJoinsAgainInTheSameBrowserGivesTheirOldDeviceUp() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone old = Phone.connect(server, bjorn)) {
            Answer wrong = server.post("/api/auth/join", bjorn, "{\"code\":\"AAAABBBBCC\",\"name\":\"Björn\"}");
            assertThat(wrong.status()).isEqualTo(400);
            assertThat(server.get("/api/auth/me", bjorn).status()).isEqualTo(200);

            String code = server.invite(anna);
            assertThat(server.post("/api/auth/join", bjorn, "{\"code\":\"" + code + "\",\"name\":\"Björn\"}")
                            .status())
                    .isEqualTo(201);
            assertThat(server.get("/api/auth/me", bjorn).status()).isEqualTo(401);
            assertThat(old.awaitClose(Duration.ofSeconds(5)).getCloseCode().getCode())
                    .isEqualTo(4401);
        }
        assertThat(devices(anna)).hasSize(2);
    }

    @Test
    void onlyAnAdminInvitesAndRemoves() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        assertThat(server.post("/api/invites", bjorn, "{}").status()).isEqualTo(403);
        assertThat(server.delete("/api/users/" + anna.id(), bjorn).status()).isEqualTo(403);
        assertThat(server.delete("/api/users/" + anna.id(), anna).status()).isEqualTo(409);
    }

    @Test
    void nobodyReachesIntoAnotherFamily() {
        Person anna = server.startFamily("Anna");
        Person eve = server.startFamily("Eve");
        String annasDevice = devices(anna).get(0).asJsonObject().getString("id");
        assertThat(server.delete("/api/users/" + anna.id(), eve).status()).isEqualTo(404);
        assertThat(server.delete("/api/devices/" + annasDevice, eve).status()).isEqualTo(404);
        assertThat(names(server.get("/api/users", eve))).containsExactly("Eve");
        assertThat(server.get("/api/auth/me", anna).status()).isEqualTo(200);
    }

    @Test
    void aMemberSeesAndRemovesTheirOwnDevicesAndAnAdminAll() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        assertThat(devices(anna)).hasSize(2);
        assertThat(devices(bjorn)).hasSize(1);
        JsonObject bjorns = devices(bjorn).get(0).asJsonObject();
        assertThat(bjorns.getBoolean("current")).isTrue();
        assertThat(bjorns.getString("userId")).isEqualTo(bjorn.id());

        assertThat(server.delete("/api/devices/" + bjorns.getString("id"), anna).status())
                .isEqualTo(204);
        assertThat(server.get("/api/auth/me", bjorn).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            POST   /api/auth/join           | {"code":"AAAABBBBCC","name":""}            | 400 | Give a name: 1 to 64 characters
            POST   /api/auth/join           | {"code":"short","name":"Anna"}             | 400 | Invalid or expired invite code
            POST   /api/auth/join           | {"code":["AAAABBBBCC"],"name":"Anna"}      | 400 | code: expected text
            POST   /api/auth/join           | {"code":"AAAABBBBCC","name":5}             | 400 | name: expected text
            POST   /api/auth/join           | {"code":"AAAABBBBCC","name":true}          | 400 | name: expected text
            POST   /api/families            | {"family":{"a":1},"name":"Anna"}           | 400 | family: expected text
            POST   /api/auth/join           | ``                                         | 400 | Expected a JSON object
            POST   /api/auth/join           | {"code":"AAAABBBBCC","name":"Anna"} more   | 400 | Expected a JSON object: {code, name, device}
            POST   /api/families            | {"family":"F","name":"a\\u202eb"}          | 400 | The name holds a control or direction character: use letters, digits, signs
            POST   /api/invites             | {}                                         | 401 | Authentication required
            POST   /api/locations           | {}                                         | 401 | Authentication required
            POST   /api/auth/leave          | {}                                         | 401 | Authentication required
            GET    /api/auth/me             | ``                                         | 401 | Authentication required
            GET    /api/users               | ``                                         | 401 | Authentication required
            POST   /api/crypto/register-key | {}                                         | 401 | Authentication required
            GET    /api/crypto/group-key    | ``                                         | 401 | Authentication required
            POST   /api/nowhere             | {}                                         | 404 | Not Found
            GET    /api/nowhere             | ``                                         | 404 | Not Found
            GET    /api/auth/join           | ``                                         | 405 | Method Not Allowed
            DELETE /api/health              | ``                                         | 405 | Method Not Allowed
            """)
    void errorsSayWhatIsWrongInOneShape(String request, String body, int status, String message) {
        String[] words = request.split(" +", -1);
        Answer answer = server.send(server.request(words[1], null).method(words[0], BodyPublishers.ofString(body)));
        assertThat(answer.response().body())
                .isEqualTo("{\"error\":true,\"message\":\"" + message + "\",\"statusCode\":" + status + "}");
        assertThat(answer.response().headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            POST   /api/invites  | {"expiresInHours":"5"}     | expiresInHours: expected a whole number
            POST   /api/invites  | {"expiresInHours":1.5}     | expiresInHours: expected a whole number
            POST   /api/invites  | {"expiresInHours":1e99}    | expiresInHours: expected a whole number
            PATCH  /api/family   | {"serverCanRead":"true"}   | serverCanRead: expected true or false
            PATCH  /api/family   | {"history":7}              | history: expected text
            PUT    /api/pause    | {"hours":true}             | hours: expected a whole number
            POST   /api/trackers | {"app":"owntracks","name":7} | name: expected text
            POST   /api/trackers | {"app":"owntracks","name":"P","commands":1} | commands: expected true or false
            POST   /api/qr-codes | {"text":5}                 | text: expected text
            PUT    /api/webhook  | {"url":5}                  | url: expected text
            POST   /api/crypto/register-key | {"publicKey":5} | publicKey: expected text
            """)
    void aValueOfAnotherTypeIsTakenForNothingElse(String request, String body, String message) {
        String[] words = request.split(" +", -1);
        Answer answer = server.send(
                server.request(words[1], server.startFamily("Anna")).method(words[0], BodyPublishers.ofString(body)));
        assertThat(answer.response().body())
                .isEqualTo("{\"error\":true,\"message\":\"" + message + "\",\"statusCode\":400}");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /nowhere,              application/json, 404, Not Found",
        "GET,    /api/nowhere,          application/json, 404, Not Found",
        "GET,    /api/application.wadl, application/json, 404, Not Found",
        "GET,    /api,                  application/json, 404, Not Found",
        "DELETE, /api/health,           application/json, 405, Method Not Allowed",
        "POST,   /api/events,           application/json, 401, Authentication required",
        "POST,   /api/auth/join,        nonsense,         400, ",
    })
    void whatGoesAstrayIsAnsweredInTheSameShape(
            String method, String path, String contentType, int status, String message) {
        Answer answer = server.send(server.request(path, null)
                .setHeader("Content-Type", contentType)
                .method(method, BodyPublishers.noBody()));
        assertThat(answer.response().headers().firstValue("Content-Type").orElse(""))
                .as(answer.response().body())
                .startsWith("application/json");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().getInt("statusCode")).isEqualTo(status);
        assertThat(answer.json().getBoolean("error")).isTrue();
        if (message != null) {
            assertThat(answer.string("message")).isEqualTo(message);
        }
    }

    @Test
    void aBrowserThatGoesAstrayGetsAPageForPeople() {
        String browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        Answer answer = server.send(
                server.request("/their/day", null).setHeader("Accept", browser).GET());
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.response().headers().firstValue("Content-Type").orElse(""))
                .startsWith("text/html");
        assertThat(answer.response().body())
                .contains("Nothing is here", "href=\"/\"")
                .doesNotContain("{");
        Answer style = server.send(server.request("/page/any/app.css", null).GET());
        assertThat(style.status()).as("its style").isEqualTo(200);
        assertThat(server.send(server.request("/api/nowhere", null)
                                .setHeader("Accept", browser)
                                .GET())
                        .json()
                        .getInt("statusCode"))
                .as("the API speaks JSON")
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded"})
    void aBodyIsJsonWhateverItsHeaderSays(String type) {
        Person anna = server.startFamily("Anna");
        String code = "{\"code\":\"" + server.invite(anna) + "\"}";
        Answer valid = server.send(server.request("/api/invites/validate", null)
                .setHeader("Content-Type", type)
                .POST(BodyPublishers.ofString(code)));
        assertThat(valid.response().body()).startsWith("{\"").contains("\"valid\":true");
    }

    @Test
    void aHugeBodyIsRefused() {
        Answer answer = server.post("/api/auth/join", null, "{\"code\":\"" + "A".repeat(100_000) + "\"}");
        assertThat(answer.status()).isEqualTo(413);
    }

    @Test
    void healthAsksTheStore() {
        Answer health = server.get("/api/health", null);
        assertThat(health.status()).isEqualTo(200);
        assertThat(health.string("status")).isEqualTo("ok");
        assertThat(Instant.parse(health.string("timestamp")))
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
    }

    @Test
    void theOperatorIsToldTheVersionAndNobodyElse(ServerProcess process) throws Exception {
        String version = System.getProperty("draugar.version");
        assertThat(server.get("/api/health", null).string("version"))
                .as("from this machine")
                .isEqualTo(version);
        assertThat(healthFromAfar(null).json()).doesNotContainKey("version");
        assertThat(healthFromAfar("wrong").json()).doesNotContainKey("version");
        String key = Files.readString(process.data().resolve("operator.key")).strip();
        assertThat(healthFromAfar(key).string("version")).isEqualTo(version);
    }

    private Answer healthFromAfar(String key) {
        Person asking = key == null ? null : new Person(key, "", "");
        return server.send(server.request("/api/health", asking).header("X-Forwarded-For", "192.0.2.9"));
    }

    private List<JsonValue> devices(Person person) {
        return server.get("/api/devices", person).json().getJsonArray("devices");
    }

    private static List<String> names(Answer users) {
        return users.json().getJsonArray("users").getValuesAs(JsonObject.class).stream()
                .map(user -> user.getString("name"))
                .toList();
    }

    private static Integer get(java.util.concurrent.Future<Integer> future) {
        try {
            return future.get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
