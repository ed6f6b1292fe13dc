package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.InputStream;
import java.io.StringReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.draugar.places.Places;
import org.draugar.support.Contract;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.PhoneApp;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.ServerProcess;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;

/** A running server says and takes what the published documents say, and serves them. */
@SharedServer
class ContractIT {
    private static final Contract OPENAPI = Contract.OPENAPI;
    private static final Contract ASYNCAPI = Contract.ASYNCAPI;
    private static final Duration SOON = Duration.ofSeconds(5);

    /** What a server that is well and open for sign-up does not answer. */
    private static final Set<String> NOT_TO_BE_HAD_HERE = Set.of(
            "POST /api/families 403",
            "POST /api/locations 503",
            "GET /api/backup 409",
            // It would sign the other tests out; StoreIT does it.
            "DELETE /api/tokens 200",
            "GET /api/health 503",
            "PUT /api/webhook 403");

    private final Server server;
    private final Set<String> seen = new TreeSet<>();

    ContractIT(Server server) {
        this.server = server;
    }

    // HTTP

    @Test
    void everyAnswerIsAsDescribed(ServerProcess process) throws Exception {
        Person anna =
                person(answer(201, "POST /api/families", null, "{\"family\":\"The Jónssons\",\"name\":\"Anna\"}"));
        String code = answer(201, "POST /api/invites", anna, "").string("code");
        answer(201, "POST /api/invites", anna, "{\"expiresInHours\":48}");
        answersAboutInvites(anna);
        answer(200, "POST /api/invites/validate", null, "{\"code\":\"" + code + "\"}");
        answer(200, "POST /api/qr-codes", anna, "{\"text\":\"" + server.uri("/#/join/" + code) + "\"}");
        answer(400, "POST /api/qr-codes", anna, "{\"text\":\"" + "a".repeat(1025) + "\"}");
        answer(200, "POST /api/invites/validate", null, "{\"code\":\"AAAABBBBCC\"}");
        Person bjorn =
                person(answer(201, "POST /api/auth/join", null, "{\"code\":\"" + code + "\",\"name\":\"Björn\"}"));
        answer(200, "GET /api/auth/me", bjorn, null);
        answer(200, "GET /api/users", bjorn, null);
        answer(200, "GET /api/devices", anna, null);
        answer(200, "GET /api/maps", bjorn, null);
        answer(200, "GET /api/ws-status", null, null);
        answer(200, "GET /api/health", null, null);

        answer(201, "POST /api/locations", anna, Phone.update(1, 2).build().toString());
        answer(
                201,
                "POST /api/locations",
                anna,
                Phone.update(1, 2).add("id", "1").build().toString());
        answer(200, "POST /api/locations", anna, "[" + Phone.update(1, 2).build() + ",{\"id\":\"2\"}]");
        answer(400, "POST /api/locations", anna, "{\"latitude\":91}");
        answer(413, "POST /api/locations", anna, "[" + "0,".repeat(200_000) + "0]");

        answersAboutTheFamily(anna, bjorn);
        answersAboutPlaces(anna, bjorn);
        answersAboutAlerts(anna, bjorn);
        answersAboutKeys(anna, bjorn);
        answersAboutHistory(anna, bjorn);
        answer(200, "GET /api/pause", anna, null);
        answer(200, "PUT /api/pause", anna, "");
        answer(200, "PUT /api/pause", anna, "{\"hours\":4}");
        answer(400, "PUT /api/pause", anna, "{\"hours\":0}");
        answer(200, "GET /api/pause", anna, null);
        answer(200, "GET /api/users", bjorn, null);
        answer(200, "POST /api/locations", anna, Phone.update(1, 2).build().toString());
        answer(204, "DELETE /api/pause", anna, null);
        answer(204, "DELETE /api/sharing", anna, null);
        answersAboutDevices(anna, bjorn);
        answersAboutTrackers(anna, bjorn);
        process.log().expect("The mail server took no code");
        answersAboutNotifications(anna, bjorn);
        String key = Files.readString(process.data().resolve("operator.key")).strip();
        answer(200, "GET /api/metrics", new Person(key, "", ""), null);
        answer(401, "GET /api/metrics", null, null);
        answer(401, "GET /api/metrics", anna, null);
        assertThat(server.get("/api/metrics", null).status())
                .as("from this machine, and not through a proxy")
                .isEqualTo(200);
        answer(200, "GET /api/checkup", anna, null);
        answer(200, "GET /api/checkup?now=" + Instant.now(), new Person(key, "", ""), null);
        answer(400, "GET /api/checkup?now=noon", anna, null);
        answer(403, "GET /api/checkup", bjorn, null);
        answer(401, "GET /api/backup", anna, null);
        answer(401, "DELETE /api/tokens", anna, null);
        answer(200, "GET /api/log", anna, null);
        answer(200, "GET /api/log", new Person(key, "", ""), null);
        answer(400, "GET /api/log?before=never", anna, null);
        answer(403, "GET /api/log", bjorn, null);
        answer(200, "GET /api/backup", new Person(key, "", ""), null);

        answer(400, "POST /api/auth/join", null, "{\"code\":\"AAAABBBBCC\",\"name\":\"Eve\"}");
        answer(400, "POST /api/families", null, "{\"family\":\"The Jónssons\"}");
        answer(400, "POST /api/invites", anna, "{\"expiresInHours\":721}");
        answer(400, "POST /api/invites/validate", null, "nonsense");
        answer(403, "POST /api/invites", bjorn, "");
        answer(403, "DELETE /api/users/{id}", bjorn, null, anna.id());
        answer(404, "DELETE /api/users/{id}", anna, null, "nobody");
        answer(409, "DELETE /api/users/{id}", anna, null, anna.id());
        answer(404, "DELETE /api/devices/{id}", anna, null, "none");

        String tooBig = "{\"code\":\"" + "A".repeat(5_000) + "\"}";
        for (String operation : List.of(
                "POST /api/auth/join",
                "POST /api/families",
                "POST /api/invites",
                "POST /api/invites/validate",
                "PUT /api/pause",
                "POST /api/qr-codes")) {
            answer(413, operation, anna, tooBig);
        }
        for (String operation : List.of("POST /api/auth/join", "POST /api/invites/validate")) {
            String wrong = "{\"code\":\"AAAABBBBCC\",\"name\":\"Eve\"}";
            int status = 0;
            for (int i = 0; i < 40 && status != 429; i++) {
                status = check(operation, send(operation, null, wrong, "192.0.2.77"))
                        .status();
            }
            assertThat(status).isEqualTo(429);
        }
        int signUps = 0;
        for (int i = 0; i < 20 && signUps != 429; i++) {
            signUps = check(
                            "POST /api/families",
                            send("POST /api/families", null, "{\"family\":\"F\",\"name\":\"Eve\"}", "192.0.2.78"))
                    .status();
        }
        assertThat(signUps).isEqualTo(429);
        operations().filter(operation -> needsToken(operation)).forEach(operation -> {
            answer(401, operation, null, "{}", "1");
            answer(401, operation, new Person("nonsense", "", ""), "{}", "1");
        });

        String device = server.get("/api/devices", bjorn)
                .json()
                .getJsonArray("devices")
                .getJsonObject(0)
                .getString("id");
        Person bjornsPhone = server.join(anna, "Björn's phone");
        answer(204, "DELETE /api/devices/{id}", bjorn, null, device);
        answer(204, "DELETE /api/users/{id}", anna, null, bjornsPhone.id());
        answer(204, "POST /api/auth/leave", anna, "");

        answer(200, "GET /api/docs", null, null);
        answer(200, "GET /api/docs/openapi.json", null, null);
        answer(200, "GET /api/docs/asyncapi.json", null, null);
        answer(200, "GET /api/docs/draugar.d.ts", null, null);
        HttpResponse<InputStream> stream = HttpClient.newHttpClient()
                .send(
                        server.request("/api/events", server.startFamily("Anna"))
                                .GET()
                                .build(),
                        BodyHandlers.ofInputStream());
        stream.body().close();
        assertThat(stream.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        seen.add("GET /api/events " + stream.statusCode());

        Set<String> promised = operations()
                .flatMap(operation -> described(operation).getJsonObject("responses").keySet().stream()
                        .map(status -> operation + " " + status))
                .collect(Collectors.toCollection(TreeSet::new));
        promised.removeAll(NOT_TO_BE_HAD_HERE);
        promised.removeIf(what -> what.matches("GET /(?!api).* 503"));
        assertThat(seen).isEqualTo(promised);
    }

    private void answersAboutInvites(Person anna) {
        String id = answer(201, "POST /api/invites", anna, "").string("id");
        answer(200, "GET /api/invites", anna, null);
        answer(204, "DELETE /api/invites/{id}", anna, null, id);
        answer(404, "DELETE /api/invites/{id}", anna, null, id);
        Person eve = server.startFamily("Eve");
        Person guest = server.join(eve, "Guest");
        answer(403, "GET /api/invites", guest, null);
        answer(403, "DELETE /api/invites/{id}", guest, null, id);
        for (int i = 0; i < 20; i++) {
            server.invite(eve);
        }
        answer(409, "POST /api/invites", eve, "");
    }

    private void answersAboutDevices(Person anna, Person bjorn) {
        String code = answer(201, "POST /api/users/{id}/device-codes", anna, "", bjorn.id())
                .string("code");
        assertThat(answer(200, "POST /api/invites/validate", null, "{\"code\":\"" + code + "\"}")
                        .string("name"))
                .isEqualTo("Björn J.");
        answer(403, "POST /api/users/{id}/device-codes", bjorn, "", anna.id());
        answer(404, "POST /api/users/{id}/device-codes", anna, "", "nobody");
        String device = server.get("/api/devices", bjorn)
                .json()
                .getJsonArray("devices")
                .getJsonObject(0)
                .getString("id");
        answer(204, "PATCH /api/devices/{id}", bjorn, "{\"name\":\"Laptop\"}", device);
        answer(400, "PATCH /api/devices/{id}", bjorn, "{\"name\":\"\"}", device);
        answer(404, "PATCH /api/devices/{id}", bjorn, "{\"name\":\"Laptop\"}", "none");
        answer(413, "PATCH /api/devices/{id}", bjorn, "{\"name\":\"" + "A".repeat(5_000) + "\"}", device);
    }

    private void answersAboutTheFamily(Person anna, Person bjorn) {
        answer(200, "GET /api/family", bjorn, null);
        answer(200, "PATCH /api/family", anna, "{\"name\":\"All of us\",\"history\":\"7d\"}");
        answer(400, "PATCH /api/family", anna, "{\"history\":\"soon\"}");
        answer(403, "PATCH /api/family", bjorn, "{\"history\":\"7d\"}");
        answer(204, "PATCH /api/users/{id}", bjorn, "{\"name\":\"Björn J.\"}", bjorn.id());
        answer(400, "PATCH /api/users/{id}", anna, "{\"role\":\"king\"}", bjorn.id());
        answer(403, "PATCH /api/users/{id}", bjorn, "{\"role\":\"admin\"}", bjorn.id());
        answer(404, "PATCH /api/users/{id}", anna, "{\"role\":\"admin\"}", "nobody");
        answer(409, "PATCH /api/users/{id}", anna, "{\"role\":\"member\"}", anna.id());
    }

    private void answersAboutPlaces(Person anna, Person bjorn) {
        String add = "POST /api/places";
        String change = "PATCH /api/places/{id}";
        String remove = "DELETE /api/places/{id}";
        String place = answer(201, add, anna, HOME).string("id");
        answer(400, add, anna, "{\"name\":\"Home\"}");
        answer(413, add, anna, "{\"name\":\"" + "A".repeat(5_000) + "\"}");
        answer(200, "GET /api/places", bjorn, null);
        answer(200, change, anna, "{\"radius\":150}", place);
        answer(400, change, anna, "{\"radius\":49}", place);
        answer(403, change, bjorn, "{\"radius\":150}", place);
        answer(404, change, anna, "{\"radius\":150}", "nowhere");
        answer(413, change, anna, "{\"name\":\"" + "A".repeat(5_000) + "\"}", place);
        answer(201, "POST /api/locations", bjorn, atHome());
        answer(200, "GET /api/users", bjorn, null);
        String visits = "GET /api/users/{id}/visits";
        assertThat(answer(200, visits, anna, null, bjorn.id()).json().getJsonArray("visits"))
                .hasSize(1);
        answer(400, visits + "?from=never", bjorn, null, anna.id());
        answer(404, visits, bjorn, null, "nobody");
        answer(403, remove, bjorn, null, place);
        answer(204, remove, anna, null, place);
        answer(404, remove, anna, null, place);
        Person eve = server.startFamily("Eve");
        for (int i = 0; i < Places.MAX; i++) {
            assertThat(server.post("/api/places", eve, HOME).status()).isEqualTo(201);
        }
        answer(409, add, eve, HOME);
    }

    private static final String HOME = "{\"name\":\"Home\",\"latitude\":10,\"longitude\":20,\"radius\":100}";

    private static String atHome() {
        return Phone.update(10, 20).add("accuracy", 5).build().toString();
    }

    private void answersAboutAlerts(Person anna, Person bjorn) {
        String tooBig = "{\"kind\":\"" + "A".repeat(5_000) + "\"}";
        String add = "POST /api/alerts";
        String change = "PATCH /api/alerts/{id}";
        String remove = "DELETE /api/alerts/{id}";
        String battery = "{\"about\":\"anyone\",\"kind\":\"battery\",\"days\":[1,2],\"timeZone\":\"Europe/Berlin\"}";
        String alert = answer(201, add, anna, battery).string("id");
        answer(400, add, anna, "{\"about\":\"anyone\",\"kind\":\"battery\",\"days\":[8]}");
        answer(413, add, anna, tooBig);
        answer(200, "GET /api/alerts", anna, null);
        assertThat(answer(200, "GET /api/alerts/about-me", bjorn, null).json().getJsonArray("alerts"))
                .hasSize(1);
        answer(200, change, anna, "{\"from\":\"22:00\",\"to\":\"06:00\",\"once\":true}", alert);
        answer(400, change, anna, "{\"from\":\"25:00\"}", alert);
        answer(404, change, bjorn, "{\"once\":true}", alert);
        answer(413, change, anna, tooBig, alert);
        answer(204, remove, anna, null, alert);
        answer(404, remove, anna, null, alert);
        answer(409, remove, anna, null, "sos");
        answer(204, remove + "?confirm=true", anna, null, "sos");
        answer(201, add, anna, "{\"about\":\"anyone\",\"kind\":\"sos\"}");
        for (int i = 0; i < 100; i++) {
            assertThat(server.post("/api/alerts", anna, battery).status()).isEqualTo(201);
        }
        answer(409, add, anna, battery);

        String acknowledge = "POST /api/sos/{id}/acknowledge";
        String end = "DELETE /api/sos/{id}";
        String sos =
                answer(201, "POST /api/sos", anna, "{\"message\":\"Help\"}").string("id");
        answer(400, "POST /api/sos", anna, "{\"message\":1}");
        answer(413, "POST /api/sos", anna, tooBig);
        answer(204, acknowledge, bjorn, "", sos);
        answer(404, acknowledge, bjorn, "", "none");
        answer(403, end, bjorn, null, sos);
        answer(200, "GET /api/sos", bjorn, null);
        answer(204, end, anna, null, sos);
        answer(404, end, anna, null, "none");
        answer(200, "GET /api/sos", bjorn, null);

        String by = "{\"by\":\"" + Instant.now().plusSeconds(3600) + "\"}";
        String checkIn = answer(201, "POST /api/check-ins", anna, by).string("id");
        answer(400, "POST /api/check-ins", anna, "{\"by\":\"yesterday\"}");
        answer(413, "POST /api/check-ins", anna, tooBig);
        answer(200, "GET /api/check-ins", anna, null);
        answer(204, "POST /api/check-ins/{id}/done", anna, "", checkIn);
        answer(404, "POST /api/check-ins/{id}/done", anna, "", checkIn);
        for (int i = 0; i < 20; i++) {
            server.post("/api/check-ins", anna, by);
        }
        answer(409, "POST /api/check-ins", anna, by);

        String locate = "POST /api/users/{id}/locate";
        answer(202, locate, anna, "", bjorn.id());
        answer(429, locate, anna, "", bjorn.id());
        answer(404, locate, anna, "", anna.id());
    }

    private void answersAboutKeys(Person anna, Person bjorn) {
        String register = "POST /api/crypto/register-key";
        String get = "GET /api/crypto/group-key";
        String put = "PUT /api/crypto/group-key/{userId}";
        String annasKey = "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo";
        String sealed = "{\"package\":\"" + "a".repeat(96) + "\",\"keyVersion\":%d}";
        answer(404, register, anna, "{\"publicKey\":\"" + annasKey + "\"}");
        answer(400, register, anna, "{\"publicKey\":\"" + "A".repeat(43) + "\"}");
        answer(404, get, anna, null);
        answer(409, put, anna, sealed.formatted(1), bjorn.id());
        answer(404, register, bjorn, "{\"publicKey\":\"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08\"}");
        answer(403, put, bjorn, sealed.formatted(1), anna.id());
        answer(204, put, anna, sealed.formatted(1), anna.id());
        answer(400, put, anna, sealed.formatted(0), anna.id());
        answer(404, put, anna, sealed.formatted(1), "nobody");
        answer(200, get, anna, null);
        answer(200, register, anna, "{\"publicKey\":\"" + annasKey + "\"}");
        answer(200, "GET /api/crypto/keys", bjorn, null);
        answer(413, register, anna, " ".repeat(5_000));
        answer(413, put, anna, " ".repeat(5_000), anna.id());
    }

    private void answersAboutHistory(Person anna, Person bjorn) {
        String history = "/api/users/{id}/locations";
        answer(200, "GET " + history, bjorn, null, anna.id());
        answer(400, "GET " + history + "?limit=0", bjorn, null, anna.id());
        answer(200, "GET /api/alarms", bjorn, null);
        answer(404, "GET " + history, bjorn, null, "nobody");
        answer(204, "DELETE " + history + "?to=2026-01-01", anna, null, anna.id());
        answer(400, "DELETE " + history + "?to=never", anna, null, anna.id());
        answer(403, "DELETE " + history, anna, null, bjorn.id());
        answer(404, "DELETE " + history, anna, null, "nobody");
        String gpx = "<gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>"
                + "<trkpt lat=\"1\" lon=\"1\"/></trkseg></trk></gpx>";
        String imports = "/api/users/{id}/imports";
        answer(200, "POST " + imports + "?name=my.gpx", anna, gpx, anna.id());
        answer(400, "POST " + imports, anna, "nonsense", anna.id());
        answer(403, "POST " + imports, anna, gpx, bjorn.id());
        answer(200, "GET " + imports, anna, null, anna.id());
        answer(403, "GET " + imports, anna, null, bjorn.id());
        answer(200, "GET /api/users/{id}/export", anna, null, anna.id());
        answer(403, "GET /api/users/{id}/export", anna, null, bjorn.id());
        answer(200, "PATCH /api/family", anna, "{\"history\":\"off\"}");
        answer(409, "POST " + imports, anna, gpx, anna.id());
    }

    private void answersAboutTrackers(Person anna, Person bjorn) {
        String made = answer(201, "POST /api/trackers", anna, "{\"app\":\"owntracks\",\"name\":\"Phone\"}")
                .json()
                .getJsonObject("tracker")
                .getString("id");
        Map<String, Tracker> trackers = Stream.of("owntracks", "traccar", "overland", "gpslogger")
                .collect(Collectors.toMap(
                        app -> app.equals("traccar") ? "osmand" : app, app -> Tracker.add(server, anna, app)));
        answer(400, "POST /api/trackers", anna, "{\"app\":\"owntracks\"}");
        long now = Instant.now().getEpochSecond();
        String form = "lat=1&lon=2&timestamp=" + now;
        String owntracks = "{\"_type\":\"location\",\"lat\":1,\"lon\":2,\"tst\":" + now + "}";
        Map<String, String> positions = Map.of(
                "/osmand",
                form,
                "/gpslogger",
                form,
                "/owntracks",
                owntracks,
                "/gpslogger/owntracks",
                owntracks,
                "/overland",
                "{\"locations\":[{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[2,1]},"
                        + "\"properties\":{\"timestamp\":\"" + Instant.ofEpochSecond(now) + "\"}}]}");
        operations().filter(operation -> !operation.contains(" /api")).forEach(operation -> {
            String[] words = operation.split(" ", -1);
            Tracker tracker = trackers.get(words[1].split("/", -1)[1]);
            int status = 0;
            for (int i = 0; i < 60 && status != 429; i++) {
                String secret = i < 2 ? tracker.secret() : "wrong" + i;
                String body = i == 1 ? "[{\"lat\":1,\"lon\":2,\"cut off" : positions.get(words[1]);
                String path = words[1] + (words[1].equals("/osmand") ? "?id=" + secret : "");
                HttpRequest.Builder request = tracker.request(path, secret)
                        .header("X-Forwarded-For", "192.0.2." + (100 + Math.floorMod(operation.hashCode(), 100)))
                        .method(words[0], BodyPublishers.ofString(words[0].equals("GET") ? "" : body));
                status = check(operation, server.send(request)).status();
            }
        });
        answer(200, "GET /api/trackers", anna, null);
        answer(200, "PUT /api/webhook", anna, "{\"url\":\"http://127.0.0.1:28125/api/webhook/contract\"}");
        answer(400, "PUT /api/webhook", anna, "{\"url\":\"http://192.0.2.1/api/webhook/contract\"}");
        answer(413, "PUT /api/webhook", anna, "{\"url\":\"" + "A".repeat(5_000) + "\"}");
        answer(200, "GET /api/webhook", anna, null);
        answer(204, "DELETE /api/webhook", anna, null);
        String change = "PATCH /api/trackers/{id}";
        answer(200, change, anna, "{\"shownToFamily\":true}", made);
        answer(400, change, anna, "{\"silentAfterMinutes\":0}", made);
        answer(404, change, bjorn, "{\"shownToFamily\":true}", made);
        String tooBig = "{\"name\":\"" + "A".repeat(5_000) + "\"}";
        answer(413, change, anna, tooBig, made);
        answer(413, "POST /api/trackers", anna, tooBig);
        for (int i = 5; i < 20; i++) {
            Tracker.add(server, anna, "osmand");
        }
        answer(409, "POST /api/trackers", anna, "{\"app\":\"osmand\",\"name\":\"one more\"}");
    }

    private void answersAboutNotifications(Person anna, Person bjorn) {
        String add = "POST /api/notification-channels";
        String confirm = add + "/{id}/confirm";
        String test = add + "/{id}/test";
        String hook = "{\"kind\":\"webhook\",\"url\":\"https://hook.invalid/%d\"}";
        answer(200, "GET /api/push-key", anna, null);
        String channel = answer(201, add, anna, hook.formatted(0)).string("id");
        answer(400, add, anna, "{\"kind\":\"webhook\",\"url\":\"http://hook.invalid/\"}");
        answer(413, add, anna, "{\"url\":\"" + "A".repeat(5_000) + "\"}");
        answer(202, test, anna, "", channel);
        int status = 0;
        for (int i = 0; i < 3 && status != 429; i++) {
            status = check(test, send(test, anna, "", "192.0.2.1", channel)).status();
        }
        assertThat(status).isEqualTo(429);
        answer(404, test, bjorn, "", channel);
        answer(200, "GET /api/notifications", anna, null);
        answer(400, "GET /api/notifications?since=never", anna, null);
        String mail = "{\"kind\":\"email\",\"address\":\"contract%d@family.example\"}";
        String unconfirmed = answer(201, add, anna, mail.formatted(0)).string("id");
        answer(409, test, anna, "", unconfirmed);
        answer(400, confirm, anna, "{\"code\":\"AAAABBBB\"}", unconfirmed);
        answer(413, confirm, anna, "{\"code\":\"" + "A".repeat(5_000) + "\"}", unconfirmed);
        answer(404, confirm, bjorn, "{\"code\":\"AAAABBBB\"}", unconfirmed);
        // It needs no code.
        answer(200, confirm, anna, "{}", channel);
        for (int i = 1; i < 5; i++) {
            answer(201, add, anna, mail.formatted(i));
        }
        answer(429, add, anna, mail.formatted(5));
        answer(200, "GET /api/notification-channels", anna, null);
        for (int i = 6; i < 20; i++) {
            answer(201, add, anna, hook.formatted(i));
        }
        answer(409, add, anna, hook.formatted(20));
        answer(204, "DELETE /api/notification-channels/{id}", anna, null, channel);
        answer(404, "DELETE /api/notification-channels/{id}", anna, null, channel);
    }

    /** All operations of the document, such as {@code GET /api/health}. */
    private static Stream<String> operations() {
        return OPENAPI.object("/paths").entrySet().stream()
                .flatMap(path -> path.getValue().asJsonObject().keySet().stream()
                        .map(verb -> verb.toUpperCase(Locale.ROOT) + " " + path.getKey()));
    }

    private static JsonObject described(String operation) {
        String[] words = operation.split(" ", -1);
        return OPENAPI.object("/paths").getJsonObject(words[1]).getJsonObject(words[0].toLowerCase(Locale.ROOT));
    }

    private static boolean needsToken(String operation) {
        return !described(operation).containsKey("security");
    }

    private Answer answer(int status, String operation, Person person, String body, String... id) {
        Answer answer = check(operation.replaceFirst("\\?.*", ""), send(operation, person, body, "192.0.2.1", id));
        assertThat(answer.status())
                .as("%s: %s", operation, answer.response().body())
                .isEqualTo(status);
        return answer;
    }

    private Answer send(String operation, Person person, String body, String from, String... id) {
        String[] words = operation.split(" ", -1);
        String path = words[1].replaceFirst("\\{\\w+}", id.length == 0 ? "" : id[0]);
        HttpRequest.Builder request = server.request(path, person).header("X-Forwarded-For", from);
        return server.send(request.method(
                words[0],
                body == null || !words[0].matches("POST|PUT|PATCH")
                        ? BodyPublishers.noBody()
                        : BodyPublishers.ofString(body)));
    }

    /** Holds an answer to what the document says of its status. */
    private Answer check(String operation, Answer answer) {
        String what = operation + " " + answer.status();
        JsonObject responses = described(operation).getJsonObject("responses");
        assertThat(responses).as(what).containsKey(String.valueOf(answer.status()));
        JsonObject response = OPENAPI.resolve(responses.getJsonObject(String.valueOf(answer.status())));
        JsonObject content =
                response.containsKey("content") ? response.getJsonObject("content") : JsonValue.EMPTY_JSON_OBJECT;
        String body = answer.response().body();
        assertThat(body.isEmpty()).as(what + ": is empty").isEqualTo(content.isEmpty());
        Map<String, JsonValue> sent = content.entrySet().stream()
                .filter(entry -> header(answer, "Content-Type").startsWith(entry.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        assertThat(sent).as(what + ": " + header(answer, "Content-Type")).hasSize(content.isEmpty() ? 0 : 1);
        sent.forEach((type, described) -> {
            JsonValue value = type.equals("application/json") ? json(body) : Json.createValue(body);
            assertThat(OPENAPI.errors(described.asJsonObject().getJsonObject("schema"), value))
                    .as(what + ": " + body)
                    .isEmpty();
        });
        if (response.containsKey("headers")) {
            response.getJsonObject("headers").forEach((name, header) -> {
                JsonObject schema = header.asJsonObject().getJsonObject("schema");
                String text = header(answer, name);
                JsonValue value = schema.getString("type", "").equals("integer") ? json(text) : Json.createValue(text);
                assertThat(OPENAPI.errors(schema, value)).as(what + ": " + name).isEmpty();
            });
        }
        seen.add(what);
        return answer;
    }

    private static String header(Answer answer, String name) {
        return answer.response().headers().firstValue(name).orElse("");
    }

    private static JsonValue json(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readValue();
        }
    }

    private static Person person(Answer joined) {
        JsonObject user = joined.json().getJsonObject("user");
        return new Person(joined.string("token"), user.getString("id"), user.getString("name"));
    }

    @Test
    void pagesOfWelcomeOriginsMayDoAllThatIsDescribed() {
        Answer preflight = server.send(server.request("/api/family", null)
                .header("Origin", "http://" + server.host() + ":" + server.port())
                .method("OPTIONS", BodyPublishers.noBody()));
        assertThat(header(preflight, "Access-Control-Allow-Methods").split(", ", -1))
                .containsExactlyInAnyOrderElementsOf(operations()
                        .map(operation -> operation.replaceFirst(" .*", ""))
                        .collect(Collectors.toSet()));
    }

    @Test
    void theDocumentsAreServedToAnybody() {
        for (String name : List.of("openapi.json", "asyncapi.json", "draugar.d.ts")) {
            Answer document = server.get("/api/docs/" + name, null);
            assertThat(document.response().body()).isEqualTo(Contract.text(name));
            assertThat(header(document, "Content-Type").replace(" ", "").toLowerCase(Locale.ROOT))
                    .isEqualTo(name.endsWith("json") ? "application/json" : "text/plain;charset=utf-8");
        }
        assertThat(server.get("/api/docs", null).response().body()).isEqualTo(Contract.text("index.html"));
    }

    @Test
    void numbersHaveTheLimitsThatAreDescribed() {
        Person anna = server.startFamily("Anna");
        List<String> reports = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        OPENAPI.members(OPENAPI.schemas().getJsonObject("Position")).forEach((name, member) -> {
            if (member.schema().getString("type").equals("number")) {
                double least = member.schema().getJsonNumber("minimum").doubleValue();
                double most = member.schema().getJsonNumber("maximum").doubleValue();
                for (double value : new double[] {least, most, least - 0.001, most + 0.001}) {
                    reports.add(Phone.update(1, 2).add(name, value).build().toString());
                    expected.add(
                            value >= least && value <= most
                                    ? "stored"
                                    : "%s: expected a number from %.0f to %.0f".formatted(name, least, most));
                }
            }
        });
        Answer answer = server.post("/api/locations", anna, reports.toString());
        assertThat(answer.json().getJsonArray("results").getValuesAs(JsonObject.class))
                .extracting(receipt -> receipt.getBoolean("stored") ? "stored" : receipt.getString("message"))
                .isEqualTo(expected);

        int most = OPENAPI.object("/paths/~1api~1locations/post/requestBody/content/application~1json/schema/oneOf/1")
                .getInt("maxItems");
        assertThat(server.post("/api/locations", anna, "[{}" + ",{}".repeat(most - 1) + "]")
                        .status())
                .isEqualTo(200);
        assertThat(server.post("/api/locations", anna, "[{}" + ",{}".repeat(most) + "]")
                        .status())
                .isEqualTo(413);

        JsonObject hours = OPENAPI.object("/components/schemas/InviteRequest/properties/expiresInHours");
        for (int wanted : new int[] {hours.getInt("minimum"), hours.getInt("maximum")}) {
            assertThat(server.post("/api/invites", anna, "{\"expiresInHours\":" + wanted + "}")
                            .status())
                    .isEqualTo(201);
        }
        for (int wanted : new int[] {hours.getInt("minimum") - 1, hours.getInt("maximum") + 1}) {
            assertThat(server.post("/api/invites", anna, "{\"expiresInHours\":" + wanted + "}")
                            .status())
                    .isEqualTo(400);
        }
        Instant expiresAt = Instant.parse(server.post("/api/invites", anna, "").string("expiresAt"));
        assertThat(Duration.between(Instant.now(), expiresAt).plusMinutes(1).toHours())
                .isEqualTo(hours.getInt("default"));
    }

    // The live events

    @Test
    void everyMessageIsAsDescribed() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Set<String> heard = new TreeSet<>();
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            try (Phone annas = Phone.connect(server, anna)) {
                annas.flush().forEach(message -> heard.add(live(message)));
                for (JsonObject example : clientExamples()) {
                    annas.send(example.toString());
                    if (example.containsKey("id")) {
                        heard.add(live(annas.hear("ack")));
                    }
                    annas.flush().forEach(message -> heard.add(live(message)));
                }
                assertThat(heard).as("the server finds nothing wrong").doesNotContain("error bad-message");
                annas.send("{\"type\":\"ping\"}");
                heard.add(live(annas.hear("pong")));
                server.send(server.request("/api/pause", anna).PUT(BodyPublishers.ofString("{\"hours\":4}")));
                annas.send(Phone.update(1, 2).add("id", "p"));
                heard.add(live(annas.hear("error")));
                server.delete("/api/pause", anna);
                annas.send("{\"type\":\"nonsense\"}");
                heard.add(live(annas.hear("error")));
                annas.send(Phone.update(91, 0).add("id", "a"));
                heard.add(live(annas.hear("error")));
                annas.send("{\"type\":\"location:subscribe\",\"since\":1}");
                heard.add(live(annas.hear("error")));
                annas.flush().forEach(message -> heard.add(live(message)));
                bjorns.flush().forEach(message -> heard.add(live(message)));

                String place = server.post("/api/places", anna, HOME).string("id");
                heard.add(live(annas.hear("place:changed")));
                server.post("/api/locations", anna, atHome());
                heard.add(live(annas.hear("user:place")));
                server.delete("/api/places/" + place, anna);
                heard.add(live(annas.hear("place:removed")));
                assertThat(live(annas.hear("user:place"))).isEqualTo("user:place");

                server.post("/api/sos", bjorn, "");
                heard.add(live(annas.hear("sos")));
                server.post("/api/users/" + anna.id() + "/locate", bjorn, "");
                heard.add(live(annas.hear("locate:request")));

                Tracker.add(server, anna, "owntracks").post("/owntracks", "nonsense");
                heard.add(live(annas.hear("tracker:update")));
                Tracker.add(server, bjorn, "traccar").alarm("sos");
                heard.add(live(annas.hear("alarm")));
                notify(anna);
                heard.add(live(annas.hear("notification")));

                server.delete("/api/users/" + bjorn.id(), anna);
                assertThat(bjorns.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(4403);
                heard.add(live(annas.hear("user:offline")));
            }
        }
        assertThat(heard)
                .containsExactly(
                        "ack",
                        "alarm",
                        "error bad-message",
                        "error gap",
                        "error paused",
                        "locate:request",
                        "location:broadcast",
                        "location:broadcast encrypted",
                        "notification",
                        "place:changed",
                        "place:removed",
                        "pong",
                        "sos",
                        "tracker:update",
                        "user:offline",
                        "user:online",
                        "user:paused",
                        "user:place",
                        "user:resumed");
    }

    @Test
    void everyServerSentEventIsAsDescribed() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Person eve = server.join(anna, "Eve");
        Set<String> heard = new TreeSet<>();
        try (EventStream stream = EventStream.open(server, bjorn, "1")) {
            heard.add(event(stream.next("error")));
            Phone eves = Phone.connect(server, eve);
            heard.add(event(stream.next("user:online")));
            for (JsonObject example : clientExamples()) {
                if (example.getString("type").equals("location:update")) {
                    server.post("/api/locations", anna, example.toString());
                    heard.add(event(stream.next("location:broadcast")));
                }
            }
            server.send(server.request("/api/pause", anna).PUT(BodyPublishers.ofString("{\"hours\":4}")));
            heard.add(event(stream.next("user:paused")));
            server.delete("/api/pause", anna);
            heard.add(event(stream.next("user:resumed")));
            String place = server.post("/api/places", anna, HOME).string("id");
            heard.add(event(stream.next("place:changed")));
            server.post("/api/locations", anna, atHome());
            heard.add(event(stream.next("user:place")));
            server.delete("/api/places/" + place, anna);
            heard.add(event(stream.next("place:removed")));
            server.post("/api/sos", anna, "{\"message\":\"Help\"}");
            heard.add(event(stream.next("sos")));
            server.post("/api/users/" + bjorn.id() + "/locate", anna, "");
            heard.add(event(stream.next("locate:request")));
            Tracker.add(server, bjorn, "owntracks").post("/owntracks", "nonsense");
            heard.add(event(stream.next("tracker:update")));
            Tracker.add(server, bjorn, "traccar").alarm("sos");
            heard.add(event(stream.next("alarm")));
            notify(bjorn);
            heard.add(event(stream.next("notification")));
            server.delete("/api/users/" + eve.id(), anna);
            eves.awaitClose(SOON);
            heard.add(event(stream.next("user:offline")));
        }
        assertThat(heard)
                .containsExactly(
                        "alarm",
                        "error gap",
                        "locate:request",
                        "location:broadcast",
                        "location:broadcast encrypted",
                        "notification",
                        "place:changed",
                        "place:removed",
                        "sos",
                        "tracker:update",
                        "user:offline",
                        "user:online",
                        "user:paused",
                        "user:place",
                        "user:resumed");
    }

    @Test
    void everySocketIoEventIsAsDescribed() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Set<String> heard = new TreeSet<>();
        try (PhoneApp app = PhoneApp.start()) {
            app.connect("bjorn", server, PhoneApp.options(bjorn)).hear("bjorn", "connect");
            app.ask("bjorn", "location:subscribe");
            heard.add(describe("socketio", "ack", app.hearObject("bjorn", "answer")));
            app.connect("anna", server, PhoneApp.options(anna)).hear("anna", "connect");
            heard.add(emitted(app, "bjorn", "user:online"));
            for (JsonObject example : clientExamples()) {
                if (example.getString("type").equals("location:update")) {
                    app.ask("anna", "location:update", example);
                    heard.add(describe("socketio", "ack", app.hearObject("anna", "answer")));
                    heard.add(emitted(app, "bjorn", "location:broadcast"));
                }
            }
            app.ask("anna", "location:update", JsonValue.EMPTY_JSON_OBJECT);
            heard.add(describe("socketio", "ack", app.hearObject("anna", "answer")));
            app.emit("anna", "location:update", JsonValue.EMPTY_JSON_OBJECT);
            heard.add(emitted(app, "anna", "error"));
            String place = server.post("/api/places", anna, HOME).string("id");
            heard.add(emitted(app, "bjorn", "place:changed"));
            server.post("/api/locations", server.join(anna, "Eve"), atHome());
            heard.add(emitted(app, "bjorn", "user:place"));
            server.delete("/api/places/" + place, anna);
            heard.add(emitted(app, "bjorn", "place:removed"));
            server.post("/api/users/" + bjorn.id() + "/locate", anna, "");
            heard.add(emitted(app, "bjorn", "locate:request"));
            Tracker.add(server, bjorn, "traccar").alarm("sos");
            heard.add(emitted(app, "bjorn", "alarm"));
            heard.add(emitted(app, "bjorn", "sos"));
            notify(bjorn);
            heard.add(emitted(app, "bjorn", "notification"));
            app.disconnect("anna");
            heard.add(emitted(app, "bjorn", "user:offline"));
        }
        assertThat(heard)
                .containsExactly(
                        "ack",
                        "ack bad-message",
                        "alarm",
                        "error bad-message",
                        "locate:request",
                        "location:broadcast",
                        "location:broadcast encrypted",
                        "notification",
                        "place:changed",
                        "place:removed",
                        "sos",
                        "user:offline",
                        "user:online",
                        "user:place");
    }

    private void notify(Person person) {
        String channel = server.post(
                        "/api/notification-channels",
                        person,
                        "{\"kind\":\"webhook\",\"url\":\"https://hook.invalid/\"}")
                .string("id");
        server.post("/api/notification-channels/" + channel + "/test", person, "");
    }

    private static String emitted(PhoneApp app, String who, String event) {
        return describe("socketio", event, app.hearObject(who, event));
    }

    @Test
    void aConnectionHasTheLimitsThatAreDescribed() {
        JsonObject limits = ASYNCAPI.object("/channels/live/x-limits");
        Person anna = server.startFamily("Anna");
        String update = Phone.update(1, 2).add("id", "big").build().toString();
        int room = limits.getInt("messageBytes") - update.length();
        String biggest = update.substring(0, update.length() - 1) + " ".repeat(room) + "}";
        try (Phone annas = Phone.connect(server, anna)) {
            annas.send(biggest);
            assertThat(annas.hear("ack").getString("id")).isEqualTo("big");
            annas.send(biggest + " ");
            assertThat(annas.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(1009);
        }
        try (Phone annas = Phone.connect(server, anna)) {
            for (int i = 1; i < limits.getInt("badMessagesInARow"); i++) {
                annas.send("nonsense");
            }
            annas.flush();
            for (int i = 0; i < limits.getInt("badMessagesInARow"); i++) {
                annas.send("nonsense");
            }
            assertThat(annas.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(4400);
        }
    }

    /** The examples of what a client may say, measured now. */
    private static List<JsonObject> clientExamples() {
        List<JsonObject> examples = new ArrayList<>();
        int[] id = {0};
        ASYNCAPI.object("/operations").values().stream()
                .map(JsonValue::asJsonObject)
                .filter(operation -> operation.getString("action").equals("receive"))
                .flatMap(operation -> operation.getJsonArray("messages").getValuesAs(JsonObject.class).stream())
                .flatMap(message ->
                        Contract.array(ASYNCAPI.resolve(message), "examples").getValuesAs(JsonObject.class).stream())
                .map(example -> example.getJsonObject("payload"))
                .forEach(payload -> {
                    var now = Json.createObjectBuilder(payload);
                    if (payload.containsKey("timestamp")) {
                        now.add("timestamp", Instant.now().toString());
                    }
                    if (payload.containsKey("id")) {
                        now.add("id", "example-" + id[0]++);
                    }
                    examples.add(now.build());
                });
        assertThat(examples).hasSizeGreaterThan(6);
        return examples;
    }

    /** Holds a WebSocket message to its description; gives what kind it is. */
    private static String live(JsonObject message) {
        return describe("live", message.getString("type"), message);
    }

    /** Holds a server-sent event to its description; gives what kind it is. */
    private static String event(EventStream.Event event) {
        return describe("events", event.name(), event.data());
    }

    private static String describe(String channel, String name, JsonObject payload) {
        List<List<String>> errors = ASYNCAPI.object("/channels/" + channel + "/messages").values().stream()
                .map(reference -> ASYNCAPI.resolve(reference.asJsonObject()))
                .filter(message -> message.getString("name").equals(name))
                .map(message -> ASYNCAPI.errors(message.getJsonObject("payload"), payload))
                .toList();
        assertThat(errors).as("descriptions that fit " + payload).anySatisfy(wrong -> assertThat(wrong)
                .isEmpty());
        if (payload.containsKey("payload")) {
            return name + " encrypted";
        }
        return payload.containsKey("code") ? name + " " + payload.getString("code") : name;
    }
}
