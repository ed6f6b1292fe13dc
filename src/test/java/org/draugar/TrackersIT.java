package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The trackers that people already have, through their own protocols. */
@SharedServer
class TrackersIT {
    /** A home with an address of its own for each case: what is throttled is an address. */
    private static final AtomicInteger HOMES = new AtomicInteger();

    private static final Path FIXTURES = Path.of("src/test/resources");
    /** What the fixtures say for the time of measurement. */
    private static final String FIXTURE_SECONDS = "1795420800";

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final Server server;
    private Person anna;
    private Person bjorn;

    TrackersIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    // What the apps send

    @TestFactory
    Stream<DynamicTest> everyMessageBecomesTheSamePosition() {
        return Stream.of(
                        new Door("owntracks", "owntracks", "/owntracks"),
                        new Door("traccar", "traccar", "/osmand"),
                        new Door("overland", "overland", "/overland"),
                        new Door("gpslogger", "gpslogger", "/gpslogger"),
                        new Door("gpslogger-owntracks", "gpslogger", "/gpslogger/owntracks"))
                .flatMap(door -> expected(door.folder()).entrySet().stream()
                        .map(entry -> dynamicTest(
                                door.folder() + "/" + entry.getKey(),
                                () -> becomes(door, entry.getKey(), entry.getValue()))));
    }

    /** @param folder of the fixtures */
    private record Door(String folder, String app, String path) {}

    private void becomes(Door door, String name, JsonValue expected) {
        Tracker tracker = Tracker.add(server, server.startFamily("Anna"), door.app());
        for (int time = 0; time < 2; time++) {
            Answer answer = send(tracker, door, name);
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
            assertThat(answer.response().body())
                    .isEqualTo(
                            switch (door.app()) {
                                case "owntracks" -> "[]";
                                case "overland" -> "{\"result\":\"ok\"}";
                                default -> "";
                            });
        }
        List<JsonObject> kept = tracker.kept();
        JsonObject seen = tracker.seenBy(tracker.owner());
        assertThat(seen.containsKey("trouble")).as("%s", seen.get("trouble")).isFalse();
        assertThat(seen.containsKey("contactAt")).isTrue();
        if (expected == JsonValue.NULL) {
            assertThat(kept).isEmpty();
            return;
        }
        assertThat(kept).as("sent twice, kept once").hasSize(1);
        JsonObject position = kept.get(0);
        assertThat(Instant.parse(position.getString("timestamp"))).isEqualTo(now);
        Set<String> names = new HashSet<>(position.keySet());
        names.removeAll(Set.of("deviceId", "id", "offset", "timestamp"));
        assertThat(names).isEqualTo(expected.asJsonObject().keySet());
        expected.asJsonObject().forEach((member, value) -> {
            if (value instanceof JsonNumber number) {
                assertThat(position.getJsonNumber(member).doubleValue())
                        .as(member)
                        .isCloseTo(number.doubleValue(), within(1e-6));
            } else {
                assertThat(position.get(member)).as(member).isEqualTo(value);
            }
        });
    }

    private Answer send(Tracker tracker, Door door, String name) {
        String message = fixture(door.folder() + "/" + name)
                .strip()
                .replace(FIXTURE_SECONDS, Long.toString(now.getEpochSecond()))
                .replace("@secret@", tracker.secret())
                .replace("@iso@", now.toString())
                .replace("@iso-0700@", time("yyyy-MM-dd'T'HH:mm:ssXX", ZoneOffset.ofHours(-7)))
                .replace("@iso-escaped@", now.toString().replace(":", "%3A"))
                .replace("@date@", time("yyyy-MM-dd'+'HH'%3A'mm'%3A'ss", ZoneOffset.UTC));
        if (name.endsWith(".query")) {
            return tracker.get(door.path(), message);
        }
        return tracker.post(
                door.path(),
                name.endsWith(".form") ? "application/x-www-form-urlencoded" : "application/json; charset=utf-8",
                message);
    }

    private String time(String pattern, ZoneOffset offset) {
        return DateTimeFormatter.ofPattern(pattern).format(now.atOffset(offset));
    }

    private static String fixture(String name) {
        try {
            return Files.readString(FIXTURES.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject expected(String folder) {
        return Json.createReader(new StringReader(fixture(folder + "/expected.json")))
                .readObject();
    }

    // The family inside OwnTracks

    @Test
    void theFamilyShowsUpInTheAnswer() {
        server.post(
                "/api/locations",
                bjorn,
                Phone.update(64.15, -21.95)
                        .add("speed", 10)
                        .add("bearing", 90.4)
                        .add("battery", 0.836)
                        .add("altitude", 12.7)
                        .build()
                        .toString());
        server.join(anna, "Ég");
        Tracker phone = Tracker.add(server, anna, "owntracks").withFamily();
        phone.post("/owntracks", location(now, 64, -21));
        JsonArray answer = array(phone.post("/owntracks", ""));

        List<JsonObject> cards = ofType(answer, "card");
        assertThat(cards).extracting(card -> card.getString("name")).containsExactly("Björn", "Ég");
        assertThat(cards)
                .extracting(card -> card.getString("tid"))
                .doesNotHaveDuplicates()
                .allMatch(tid -> tid.length() > 2);
        assertThat(ofType(answer, "location")).hasSize(1);
        JsonObject friend = ofType(answer, "location").get(0);
        assertThat(friend.getString("tid"))
                .startsWith("BJ-")
                .isEqualTo(cards.get(0).getString("tid"));
        assertThat(friend.getJsonNumber("lat").doubleValue()).isEqualTo(64.15);
        assertThat(friend.getInt("tst")).isCloseTo((int) Instant.now().getEpochSecond(), within(60));
        // Android's reader takes whole numbers only.
        assertThat(friend.get("vel")).hasToString("36");
        assertThat(friend.get("cog")).hasToString("90");
        assertThat(friend.get("batt")).hasToString("84");
        assertThat(friend.get("alt")).hasToString("13");
        assertThat(friend.get("acc")).hasToString("13");
    }

    @Test
    void theFamilyIsInTheAnswerOnlyWhereItsOwnerAndEachMemberWantThat() {
        server.post("/api/locations", bjorn, Phone.update(64.15, -21.95).build().toString());
        Tracker bjorns = Tracker.add(server, bjorn, "owntracks");
        bjorns.post("/owntracks", fixture("owntracks/waypoints.json"));
        Tracker phone = Tracker.add(server, anna, "owntracks");
        assertThat(array(phone.post("/owntracks", location(now, 64, -21))))
                .as("a new tracker")
                .isEmpty();
        change("/api/trackers/" + phone.id(), anna, "{\"familyInApp\":true,\"commands\":true}");
        assertThat(array(phone.post("/owntracks", "")))
                .as("card, location, places")
                .hasSize(3);

        String bjornsPath = "/api/users/" + bjorn.id();
        assertThat(change(bjornsPath, anna, "{\"shownInApps\":false}").status())
                .as("not even an admin decides that")
                .isEqualTo(403);
        assertThat(change(bjornsPath, bjorn, "{\"shownInApps\":false}").status())
                .isEqualTo(204);
        assertThat(array(phone.post(
                        "/owntracks", location(now.plusSeconds(1), 64, -21).replace("}", ",\"t\":\"u\"}"))))
                .isEmpty();
    }

    @Test
    void aStrangerIsInNobodysAnswer() {
        Tracker stranger = Tracker.add(server, server.startFamily("Eve"), "owntracks");
        stranger.post("/owntracks", location(now, 1, 1));
        Tracker phone = Tracker.add(server, anna, "owntracks").withFamily();
        assertThat(ofType(array(phone.post("/owntracks", "")), "card"))
                .extracting(card -> card.getString("name"))
                .containsExactly("Björn");
    }

    @Test
    void whatIsEncryptedIsCarriedAsItIs() {
        byte[] data = new byte[24 + 200];
        new Random(7).nextBytes(data);
        String base64 = Base64.getEncoder().encodeToString(data);
        String message = "{\"_type\":\"encrypted\",\"data\":\"" + base64 + "\"}";
        Tracker annas = Tracker.add(server, anna, "owntracks");
        Tracker bjorns = Tracker.add(server, bjorn, "owntracks").withFamily();
        try (Phone page = Phone.connect(server, bjorn)) {
            page.subscribe();
            annas.post("/owntracks", message);
            annas.post("/owntracks", message);
            JsonObject payload = page.hear("location:broadcast").getJsonObject("payload");
            assertThat(payload.getInt("v")).isEqualTo(2);
            assertThat(payload.getString("n") + payload.getString("c"))
                    .isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(data));
            assertThat(page.flush()).as("sent twice, told once").isEmpty();
        }
        assertThat(annas.kept()).hasSize(1);
        assertThat(ofType(array(bjorns.post("/owntracks", location(now, 1, 1))), "encrypted"))
                .as("who has no secret gives up on the whole answer")
                .isEmpty();
        data[0]++;
        JsonArray answer = array(bjorns.post(
                "/owntracks",
                "{\"_type\":\"encrypted\",\"data\":\"" + Base64.getEncoder().encodeToString(data) + "\"}"));
        assertThat(ofType(answer, "encrypted"))
                .extracting(secret -> secret.getString("data"))
                .containsExactly(base64);
    }

    @Test
    void placesThatOneSharesAreSetInTheAppsOfWhoAllowsIt() {
        Tracker annas = Tracker.add(server, anna, "owntracks");
        Tracker bjorns = Tracker.add(server, bjorn, "owntracks");
        Tracker eves = Tracker.add(server, server.startFamily("Eve"), "owntracks");
        for (Tracker tracker : List.of(bjorns, eves)) {
            change("/api/trackers/" + tracker.id(), tracker.owner(), "{\"commands\":true}");
        }
        annas.post("/owntracks", fixture("owntracks/waypoints.json"));
        JsonArray answer = array(bjorns.post("/owntracks", location(now, 1, 1)));
        assertThat(ofType(answer, "cmd")).hasSize(1);
        JsonObject command = ofType(answer, "cmd").get(0);
        assertThat(command.getString("action")).isEqualTo("setWaypoints");
        JsonObject places = command.getJsonObject("waypoints");
        assertThat(places.getString("_type")).isEqualTo("waypoints");
        assertThat(places.getJsonArray("waypoints").getValuesAs(JsonObject.class))
                .extracting(place -> place.getString("_type") + " " + place.getString("desc") + " " + place.get("rad")
                        + " " + place.get("tst"))
                .as("a beacon is no place")
                .containsExactly("waypoint Heima 75 1790000000");
        assertThat(ofType(array(bjorns.post("/owntracks", location(now.plusSeconds(1), 1, 1))), "cmd"))
                .as("the same once")
                .isEmpty();
        assertThat(ofType(
                        array(bjorns.post(
                                "/owntracks", location(now.plusSeconds(2), 1, 1).replace("}", ",\"t\":\"u\"}"))),
                        "cmd"))
                .as("or by hand")
                .hasSize(1);
        assertThat(ofType(array(eves.post("/owntracks", "")), "cmd")).isEmpty();
        Tracker careful = Tracker.add(server, bjorn, "owntracks");
        assertThat(ofType(array(careful.post("/owntracks", "")), "cmd"))
                .as("only who allows it")
                .isEmpty();
    }

    @Test
    void aPlaceThatWasMadeInAPauseIsNotSharedAfterIt() throws Exception {
        Tracker annas = Tracker.add(server, anna, "owntracks");
        Tracker bjorns = Tracker.add(server, bjorn, "owntracks");
        change("/api/trackers/" + bjorns.id(), bjorn, "{\"commands\":true}");
        server.put("/api/pause", anna, "");
        Instant inside = Instant.now();
        server.delete("/api/pause", anna);
        annas.post(
                "/owntracks",
                "{\"_type\":\"waypoints\",\"waypoints\":[" + place("Before", now.minusSeconds(60)) + ","
                        + place("Inside", inside) + "]}");
        List<JsonObject> commands = ofType(array(bjorns.post("/owntracks", "")), "cmd");
        assertThat(commands).hasSize(1);
        assertThat(commands.get(0).toString()).contains("Before").doesNotContain("Inside");
    }

    private static String place(String name, Instant madeAt) {
        return "{\"_type\":\"waypoint\",\"desc\":\"" + name + "\",\"lat\":1,\"lon\":2,\"rad\":50,\"tst\":"
                + madeAt.getEpochSecond() + "}";
    }

    private static String location(Instant at, double latitude, double longitude) {
        return Json.createObjectBuilder()
                .add("_type", "location")
                .add("lat", latitude)
                .add("lon", longitude)
                .add("tst", at.getEpochSecond())
                .add("tid", "AN")
                .add("batt", 50)
                .build()
                .toString();
    }

    private static JsonArray array(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        return Json.createReader(new StringReader(answer.response().body())).readArray();
    }

    private static List<JsonObject> ofType(JsonArray messages, String type) {
        return messages.getValuesAs(JsonObject.class).stream()
                .filter(message -> message.getString("_type").equals(type))
                .toList();
    }

    // No lost points

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "owntracks, /owntracks, |{\"_type\":\"location\",\"lat\":91,\"lon\":0,\"tst\":1790000000}|, latitude",
                "owntracks, /owntracks, |{\"_type\":\"location\",\"lat\":1,\"lon\":0}|, time",
                "owntracks, /owntracks, |{\"_type\":\"location\",\"lat\":1,\"lon\":0,\"tst\":9999999999999}|, future",
                "owntracks, /owntracks, |{\"_type\":\"location\",\"tst\":1790000000}|, latitude",
                "owntracks, /owntracks, |{\"_type\":\"new\"}|, _type",
                "owntracks, /owntracks, |{\"_type\":\"loc|, JSON",
                "owntracks, /owntracks, |{\"_type\":\"encrypted\",\"data\":\"AAAA\"}|, data",
                "owntracks, /owntracks, |where is my latitude?|, JSON",
                "traccar, /osmand?id=@secret@, |lat=x&lon=2&timestamp=1790000000|, latitude",
                "traccar, /osmand?id=@secret@, |lat=1&lon=2&timestamp=yesterday|, time",
                "traccar, /osmand?id=@secret@, |lat=1&lon=2&timestamp=%2B999999999-12-31T00:00:00Z|, time",
                "traccar, /osmand?id=@secret@, |{\"location\":{\"coords\":{}}}|, latitude",
                "traccar, /osmand?id=@secret@, |{\"location\"|, JSON",
                "overland, /overland, |{\"locations\":[{\"geometry\":{\"coordinates\":[1]},\"properties\":{}}]}|, latitude",
                "overland, /overland, |{}|, locations",
                "overland, /overland, |[[[|, JSON",
                "gpslogger, /gpslogger, |lat=1&lon=2|, time",
                "gpslogger, /gpslogger, ||, %ALL",
                "gpslogger, /gpslogger/owntracks, |{\"_type\":\"card\"}|, _type"
            })
    void whatCannotBeUnderstoodIsTakenOffTheAppsQueueAndItsOwnerIsTold(
            String app, String path, String body, String word) {
        Tracker tracker = Tracker.add(server, anna, app);
        try (Phone page = listen(anna);
                Phone bjorns = listen(bjorn)) {
            Answer answer =
                    tracker.post(path.replace("@secret@", tracker.secret()), "text/plain", body == null ? "" : body);
            assertThat(answer.status()).isEqualTo(200);
            JsonObject update = page.hear("tracker:update");
            assertThat(update.getString("id")).isEqualTo(tracker.id());
            assertThat(update.getString("state")).isEqualTo("trouble");
            assertThat(update.getString("trouble")).contains(word);
            assertThat(tracker.seenBy(anna).getString("trouble")).isEqualTo(update.getString("trouble"));
            assertThat(bjorns.flush())
                    .extracting(message -> message.getString("type"))
                    .doesNotContain("tracker:update");
        }
        assertThat(tracker.kept()).isEmpty();
    }

    @Test
    void aGoodPointBesideBadOnesIsKept() {
        Tracker tracker = Tracker.add(server, anna, "overland");
        String good = feature(now, 64, -21);
        Answer answer = tracker.post(
                "/overland", "{\"locations\":[" + feature(now, 91, 0) + ",7,null,[],{}," + good + ",\"x\"]}");
        assertThat(answer.response().body()).isEqualTo("{\"result\":\"ok\"}");
        assertThat(tracker.kept()).hasSize(1);
        assertThat(tracker.seenBy(anna).getString("trouble")).contains("latitude");
    }

    private static String feature(Instant at, double latitude, double longitude) {
        return "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[" + longitude + "," + latitude
                + "]},\"properties\":{\"timestamp\":\"" + at + "\",\"horizontal_accuracy\":5}}";
    }

    /** A day at one point in ten seconds, delivered when it is over, while the phone also says where it is now. */
    @ParameterizedTest
    @CsvSource({"oldest first", "newest first", "as it comes"})
    void aDayOfLatePointsIsKeptInItsPlaceAndLiveShowsOnlyTheNewest(String order) {
        int points = 8640;
        long seed = Extent.seed("Late points, " + order);
        List<Integer> day = new ArrayList<>(IntStream.range(0, points).boxed().toList());
        if (order.equals("newest first")) {
            Collections.reverse(day);
        } else if (order.equals("as it comes")) {
            // Overland takes its batches from an unordered store.
            Collections.shuffle(day, new Random(seed));
        }
        Instant start = now.minusSeconds(10L * points);
        Tracker tracker = Tracker.add(server, anna, "overland");
        tracker.post("/overland", "{\"locations\":[" + feature(now, 1, 2) + "]}");
        for (int from = 0; from < points; from += 500) {
            List<String> batch = day.subList(from, Math.min(points, from + 500)).stream()
                    .map(i -> feature(start.plusSeconds(10L * i), i / 1000.0, 3))
                    .toList();
            String body = "{\"locations\":[" + String.join(",", batch) + "]}";
            assertThat(tracker.post("/overland", body).status()).isEqualTo(200);
            if (from == 1000) {
                // The answer was lost.
                assertThat(tracker.post("/overland", body).status()).isEqualTo(200);
            }
        }
        List<JsonObject> kept = new ArrayList<>();
        String path = "/api/users/" + anna.id() + "/locations?order=asc&limit=5000";
        while (path != null) {
            JsonObject page = server.get(path, bjorn).json();
            kept.addAll(page.getJsonArray("locations").getValuesAs(JsonObject.class));
            path = page.getString("next", null);
        }
        assertThat(kept).hasSize(points + 1);
        for (int i = 0; i < points; i++) {
            assertThat(kept.get(i).getJsonNumber("latitude").doubleValue()).isEqualTo(i / 1000.0);
        }
        try (Phone page = Phone.connect(server, bjorn)) {
            List<JsonObject> snapshot = page.subscribe();
            assertThat(snapshot).hasSize(1);
            assertThat(snapshot.get(0).getJsonNumber("longitude").doubleValue()).isEqualTo(2);
        }
        assertThat(Instant.parse(tracker.seenBy(anna).getString("lastPositionAt")))
                .isEqualTo(now);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "owntracks, /owntracks, |{\"_type\":\"location\",\"lat\":1,\"lon\":2,\"tst\":@s@,\"batt\":50}|",
                "traccar, /osmand?id=@secret@, |lat=1&lon=2&timestamp=@s@&batt=50|",
                "overland, /overland, |{\"locations\":[@feature@]}|",
                "gpslogger, /gpslogger, |lat=1&lon=2&timestamp=@s@&batt=50|",
                "gpslogger, /gpslogger/owntracks, |{\"_type\":\"location\",\"lat\":\"1\",\"lon\":\"2\",\"tst\":\"@s@\"}|"
            })
    void whoIsPausedIsPassedOverAndTheAppIsContent(String app, String path, String body) {
        Tracker tracker = Tracker.add(server, anna, app, true);
        String address = path.replace("@secret@", tracker.secret());
        assertThat(server.send(server.request("/api/pause", anna).PUT(BodyPublishers.ofString("")))
                        .status())
                .isEqualTo(200);
        Instant meanwhile = Instant.now();
        String message = body.replace("@s@", Long.toString(meanwhile.getEpochSecond() + 1))
                .replace("@feature@", feature(meanwhile, 1, 2));
        try (Phone page = listen(bjorn)) {
            page.subscribe();
            assertThat(tracker.post(address, "text/plain", message).status()).isEqualTo(200);
            assertThat(page.flush()).isEmpty();
        }
        JsonObject seen = tracker.seenBy(bjorn);
        assertThat(seen.getString("state")).isEqualTo("waiting");
        assertThat(seen.containsKey("contactAt")).isTrue();
        assertThat(seen.containsKey("battery")).isFalse();
        assertThat(seen.containsKey("lastPositionAt")).isFalse();
        server.delete("/api/pause", anna);
        assertThat(tracker.kept()).isEmpty();
    }

    // Who may

    @ParameterizedTest
    @CsvSource({
        "owntracks, /owntracks, 401",
        "traccar, /osmand, 404",
        "overland, /overland, 401",
        "gpslogger, /gpslogger, 401",
        "gpslogger, /gpslogger/owntracks, 401"
    })
    void aWrongSecretIsRefusedThenThrottledAndLocksNobodyOut(String app, String path, int status) {
        Tracker tracker = Tracker.add(server, anna, app);
        Set<Integer> seen = new HashSet<>();
        String address = "198.51.100." + HOMES.incrementAndGet();
        for (int i = 0; i < 40; i++) {
            String query = path.equals("/osmand") ? "?id=wrong" + i : "";
            Answer answer = server.send(tracker.request(path + query, "wrong" + i)
                    .header("X-Forwarded-For", address)
                    .POST(BodyPublishers.ofString("lat=1&lon=2&timestamp=" + now.getEpochSecond())));
            seen.add(answer.status());
            if (answer.status() == 429) {
                assertThat(answer.response()
                                .headers()
                                .firstValueAsLong("Retry-After")
                                .orElse(0))
                        .isPositive();
            }
        }
        assertThat(seen).containsExactlyInAnyOrder(status, 429);
        String query = path.equals("/osmand") ? "?id=" + tracker.secret() : "";
        assertThat(server.send(tracker.request(path + query, tracker.secret())
                                .header("X-Forwarded-For", address)
                                .POST(BodyPublishers.ofString("{}")))
                        .status())
                .as("the right one from the same home")
                .isEqualTo(200);
        assertThat(server.send(server.request("/api/auth/join", null)
                                .header("X-Forwarded-For", address)
                                .POST(BodyPublishers.ofString(
                                        "{\"code\":\"" + server.invite(anna) + "\",\"name\":\"Eva\"}")))
                        .status())
                .as("and whoever joins there")
                .isEqualTo(201);
        assertThat(tracker.kept()).isEmpty();
    }

    @Test
    void theOwnerLearnsOfAWrongPassword() {
        Tracker tracker = Tracker.add(server, anna, "owntracks");
        try (Phone page = listen(anna)) {
            server.send(tracker.request("/owntracks", "half of it").POST(BodyPublishers.ofString("{}")));
            assertThat(page.hear("tracker:update").getString("trouble")).contains("wrong password");
        }
    }

    @Test
    void aTrackersSecretOpensNoOtherDoor() {
        Tracker tracker = Tracker.add(server, anna, "traccar");
        Person thief = new Person(tracker.secret(), anna.id(), "Anna");
        for (String path :
                List.of("/api/users", "/api/auth/me", "/api/trackers", "/api/users/" + anna.id() + "/export")) {
            assertThat(server.get(path, thief).status()).as(path).isEqualTo(401);
        }
        assertThat(server.post(
                                "/api/locations",
                                thief,
                                Phone.update(1, 1).build().toString())
                        .status())
                .isEqualTo(401);
        assertThat(server.delete("/api/users/" + anna.id(), thief).status()).isEqualTo(401);
        assertThat(server.get("/ws", thief).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "owntracks, /owntracks",
        "traccar, /osmand",
        "osmand, /osmand",
        "overland, /overland",
        "gpslogger, /gpslogger",
        "gpslogger, /gpslogger/owntracks"
    })
    void aTrackersSecretOpensTheDoorOfItsOwnAppAlone(String app, String own) {
        Tracker tracker = Tracker.add(server, anna, app);
        server.post("/api/locations", bjorn, Phone.update(64.15, -21.95).build().toString());
        for (String path : List.of("/owntracks", "/osmand", "/overland", "/gpslogger", "/gpslogger/owntracks")) {
            boolean opens = path.split("/", -1)[1].equals(own.split("/", -1)[1]);
            String query = path.equals("/osmand") ? "?id=" + tracker.secret() : "";
            Answer answer = server.send(tracker.request(path + query, tracker.secret())
                    .header("X-Forwarded-For", "198.51.101." + HOMES.incrementAndGet())
                    .POST(BodyPublishers.ofString("{}")));
            assertThat(answer.status() == 200).as(path + " " + answer.status()).isEqualTo(opens);
            assertThat(answer.response().body()).doesNotContain("Björn", "64.15");
        }
    }

    @Test
    void aRemovedTrackerIsKnownNoMore() {
        Tracker tracker = Tracker.add(server, anna, "owntracks");
        assertThat(tracker.post("/owntracks", location(now, 1, 1)).status()).isEqualTo(200);
        assertThat(server.delete("/api/devices/" + tracker.id(), anna).status()).isEqualTo(204);
        assertThat(tracker.post("/owntracks", location(now, 1, 1)).status()).isEqualTo(401);
        assertThat(tracker.seenBy(anna)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"/owntracks, GET", "/overland, GET", "/osmand, DELETE", "/gpslogger, DELETE", "/owntracks, TRACE"})
    void otherMethodsAreRefused(String path, String method) {
        Tracker tracker = Tracker.add(server, anna, "owntracks");
        assertThat(server.send(tracker.request(path, tracker.secret()).method(method, BodyPublishers.noBody()))
                        .status())
                .isEqualTo(405);
    }

    // Setting up, and how it does

    @Test
    void oneLinkSetsOwnTracksUp() {
        Tracker tracker = Tracker.add(server, anna, "owntracks");
        String link = tracker.setUp().getString("link");
        assertThat(tracker.setUp().getString("qr")).isEqualTo(link);
        assertThat(link).startsWith("owntracks:///config?inline=");
        String inline = URLDecoder.decode(link.substring(link.indexOf('=') + 1), StandardCharsets.UTF_8);
        JsonObject configuration = Json.createReader(
                        new StringReader(new String(Base64.getDecoder().decode(inline), StandardCharsets.UTF_8)))
                .readObject();
        assertThat(configuration.getString("_type")).isEqualTo("configuration");
        assertThat(configuration.getInt("mode")).isEqualTo(3);
        assertThat(configuration.getString("url"))
                .isEqualTo(server.uri("/owntracks").toString());
        assertThat(configuration.getString("password")).isEqualTo(tracker.secret());
        assertThat(configuration.getString("username")).isEqualTo(tracker.id());
    }

    @Test
    void theAddressIsTheOneThatThePageHas() {
        Answer answer = server.send(server.request("/api/trackers", anna)
                .header("X-Forwarded-Proto", "https")
                .POST(BodyPublishers.ofString("{\"app\":\"overland\",\"name\":\"iPhone\"}")));
        JsonObject setUp = answer.json().getJsonObject("setUp");
        assertThat(setUp.getString("url")).isEqualTo("https://" + server.host() + ":" + server.port() + "/overland");
        assertThat(setUp.getString("link"))
                .startsWith("overland://setup?url=https%3A%2F%2F")
                .contains("&token=" + setUp.getString("password"));
        assertThat(setUp.getJsonObject("texts").getString("Access Token")).isEqualTo(setUp.getString("password"));
    }

    @Test
    void theFirstPositionIsToldAtOnceAndOnlyOnce() {
        Tracker tracker = Tracker.add(server, anna, "owntracks");
        assertThat(tracker.seenBy(anna).getString("state")).isEqualTo("waiting");
        try (Phone page = listen(anna)) {
            tracker.post("/owntracks", "{\"_type\":\"lwt\",\"tst\":1}");
            tracker.post("/owntracks", location(now, 1, 1));
            JsonObject update = page.hear("tracker:update");
            assertThat(update.getString("state")).isEqualTo("fine");
            tracker.post("/owntracks", location(now.plusSeconds(1), 1, 1));
            assertThat(page.flush())
                    .extracting(message -> message.getString("type"))
                    .doesNotContain("tracker:update");
        }
        JsonObject seen = tracker.seenBy(anna);
        assertThat(seen.getJsonNumber("battery").doubleValue()).isEqualTo(0.5);
        assertThat(Instant.parse(seen.getString("contactAt"))).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    }

    @Test
    void theFamilySeesHowATrackerDoesIfItsOwnerAllows() {
        Tracker hidden = Tracker.add(server, anna, "owntracks");
        Tracker shown = Tracker.add(server, anna, "owntracks", true);
        Person eve = server.startFamily("Eve");
        assertThat(hidden.seenBy(bjorn)).isNull();
        assertThat(shown.seenBy(bjorn)).isNotNull();
        assertThat(shown.seenBy(eve)).isNull();
        String path = "/api/trackers/" + shown.id();
        assertThat(change(path, bjorn, "{\"shownToFamily\":true}").status()).isEqualTo(404);
        assertThat(change(path, eve, "{\"shownToFamily\":true}").status()).isEqualTo(404);
        Answer changed =
                change(path, anna, "{\"shownToFamily\":false,\"name\":\"Old phone\",\"silentAfterMinutes\":60}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.string("name")).isEqualTo("Old phone");
        assertThat(shown.seenBy(bjorn)).isNull();
        assertThat(shown.seenBy(anna).getInt("silentAfterMinutes")).isEqualTo(60);
        assertThat(change(path, anna, "{\"silentAfterMinutes\":1}").status()).isEqualTo(400);
    }

    /** Connected on both sides: what happens from here on is heard. */
    private Phone listen(Person person) {
        Phone phone = Phone.connect(server, person);
        phone.flush();
        return phone;
    }

    private Answer change(String path, Person person, String body) {
        return server.send(server.request(path, person).method("PATCH", BodyPublishers.ofString(body)));
    }

    @Test
    void aMemberHasNoMoreTrackersThanTheyCanLookAfter() {
        for (int i = 0; i < 20; i++) {
            Tracker.add(server, anna, "osmand");
        }
        assertThat(server.post("/api/trackers", anna, "{\"app\":\"osmand\",\"name\":\"x\"}")
                        .status())
                .isEqualTo(409);
        assertThat(server.post("/api/trackers", anna, "{\"app\":\"nonsense\",\"name\":\"x\"}")
                        .status())
                .isEqualTo(400);
    }

    // The same as everybody else's

    @Test
    void theFamilyHearsATrackerAtOnceWithItsAlarm() {
        Tracker tracker = Tracker.add(server, anna, "traccar");
        try (Phone page = Phone.connect(server, bjorn)) {
            page.subscribe();
            tracker.get(
                    "/osmand",
                    "id=" + tracker.secret() + "&lat=64.1&lon=-21.9&timestamp=" + now.getEpochSecond()
                            + "&alarm=sos&batt=12");
            JsonObject heard = page.hear("location:broadcast", Duration.ofSeconds(5));
            assertThat(heard.getString("userId")).isEqualTo(anna.id());
            assertThat(heard.getString("alarm")).isEqualTo("sos");
            assertThat(heard.getJsonNumber("battery").doubleValue()).isEqualTo(0.12);
        }
    }
}
