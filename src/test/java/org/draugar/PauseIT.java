package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipInputStream;
import org.draugar.client.DraugarClient;
import org.draugar.client.Listener;
import org.draugar.client.Position;
import org.draugar.location.Outcome;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ghost mode: nobody learns, now or later, where somebody was. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class PauseIT {
    private static final Duration SOON = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private Server server;
    private Person anna;
    private Person bjorn;

    PauseIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    @Test
    void nothingOfAPausedMemberIsStoredOrTold() {
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn);
                EventStream stream = EventStream.open(server, bjorn, null)) {
            bjorns.subscribe();
            annas.send(Phone.update(1, 1).add("id", "before"));
            annas.hear("ack");
            bjorns.hear("location:broadcast");

            Instant until = Instant.parse(pause(anna, "{\"hours\":4}").string("until"));
            assertThat(Duration.between(Instant.now(), until)).isBetween(Duration.ofMinutes(239), Duration.ofHours(4));
            for (JsonObject heard : List.of(
                    bjorns.hear("user:paused"),
                    annas.hear("user:paused"),
                    stream.next("user:paused").data())) {
                assertThat(heard.getString("userId")).isEqualTo(anna.id());
                assertThat(heard.getString("until")).isEqualTo(until.toString());
            }
            JsonObject user = users(bjorn).get(0);
            assertThat(user.getBoolean("paused")).isTrue();
            assertThat(user.getString("pausedUntil")).isEqualTo(until.toString());
            assertThat(users(bjorn).get(1).getBoolean("paused")).isFalse();

            // More than as many bad messages as end a connection.
            for (int i = 0; i < 20; i++) {
                annas.send(Phone.update(2, 2).add("id", "p" + i));
                JsonObject answer = annas.hear();
                assertThat(answer.getString("code")).isEqualTo("paused");
                assertThat(answer.getString("id")).isEqualTo("p" + i);
                annas.send(Phone.update(2, 2));
                assertThat(annas.flush()).as("no answer was asked for").isEmpty();
            }
            Answer one = server.post(
                    "/api/locations", anna, Phone.update(2, 2).build().toString());
            assertThat(one.status()).isEqualTo(200);
            assertThat(one.json().getBoolean("stored")).isFalse();
            assertThat(one.json().getBoolean("paused")).isTrue();
            Answer several =
                    server.post("/api/locations", anna, "[" + Phone.update(2, 2).build() + ",{\"latitude\":91}]");
            List<JsonObject> results = several.json().getJsonArray("results").getValuesAs(JsonObject.class);
            assertThat(results.get(0).getBoolean("paused")).isTrue();
            assertThat(results.get(1).containsKey("paused")).isFalse();
            String secret = "{\"id\":\"s\",\"v\":1,\"n\":\"" + "A".repeat(32) + "\",\"c\":\"" + "A".repeat(24) + "\"}";
            assertThat(server.post("/api/locations", anna, secret).json().getBoolean("paused"))
                    .isTrue();

            assertThat(bjorns.flush()).isEmpty();
            assertThat(latitudes(anna)).containsExactly(1);
            try (Phone late = Phone.connect(server, bjorn)) {
                assertThat(late.hear("user:paused").getString("userId")).isEqualTo(anna.id());
                assertThat(late.subscribe().get(0).getInt("latitude"))
                        .as("from before")
                        .isEqualTo(1);
            }
            try (Phone tablet = Phone.connect(server, anna)) {
                assertThat(tablet.hear("user:paused").getString("userId")).isEqualTo(anna.id());
                tablet.send(Phone.update(2, 2).add("id", "tablet"));
                assertThat(tablet.hear("error").getString("code")).isEqualTo("paused");
            }

            resume(anna);
            assertThat(bjorns.hear().getString("type")).isEqualTo("user:resumed");
            assertThat(stream.next("user:resumed").data().getString("userId")).isEqualTo(anna.id());
            annas.send(Phone.update(3, 3).add("id", "after"));
            annas.hear("ack");
            assertThat(bjorns.hear("location:broadcast").getInt("latitude")).isEqualTo(3);
            assertThat(latitudes(anna)).containsExactly(1, 3);
        }
    }

    @Test
    void itEndsByItself() {
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            Instant until = Instant.now().plusSeconds(4);
            pause(anna, "{\"until\":\"" + until + "\"}");
            assertThat(bjorns.hear().getString("type")).isEqualTo("user:paused");
            share(anna, 1, Instant.now(), false);
            assertThat(bjorns.hear().getString("type")).isEqualTo("user:resumed");
            assertThat(Instant.now()).isAfterOrEqualTo(until.truncatedTo(ChronoUnit.MILLIS));
            assertThat(server.get("/api/pause", anna).json().getBoolean("paused"))
                    .isFalse();
            share(anna, 2, Instant.now(), true);
            assertThat(bjorns.hear().getInt("latitude")).isEqualTo(2);
            try (Phone late = Phone.connect(server, bjorn)) {
                assertThat(late.flush()).isEmpty();
            }
        }
    }

    @Test
    void whatWasMeasuredMeanwhileIsNotTakenInLaterEither() throws Exception {
        Instant before = Instant.now();
        Instant inside = aPause(anna);
        Instant after = Instant.now();
        share(anna, 1, before, true);
        share(anna, 2, inside, false);
        share(anna, 3, after, true);
        String gpx = "<gpx version=\"1.1\" creator=\"t\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>"
                + "<trkpt lat=\"4\" lon=\"1\"><time>" + before.minusSeconds(60) + "</time></trkpt>"
                + "<trkpt lat=\"5\" lon=\"1\"><time>" + inside + "</time></trkpt></trkseg></trk></gpx>";
        JsonObject report =
                server.post("/api/users/" + anna.id() + "/imports", anna, gpx).json();
        assertThat(report.getInt("added")).isEqualTo(1);
        assertThat(report.getInt("paused")).as("left out, and told").isEqualTo(1);
        assertThat(latitudes(anna)).containsExactly(4, 1, 3);
        assertThat(member(anna)).contains("\"pauses\"", inside.toString().substring(0, 16));
        share(bjorn, 1, inside, true);
    }

    @Test
    void theSameHoldsForWhatIsEncryptedByTheTimeThatItSays() throws Exception {
        Instant before = Instant.now();
        Instant inside = aPause(anna);
        Instant after = Instant.now();
        shareEncrypted(anna, before, true);
        shareEncrypted(anna, inside, false);
        shareEncrypted(anna, after, true);
        assertThat(server.history(anna, "?order=asc"))
                .extracting(location -> Instant.parse(location.getString("timestamp")))
                .containsExactly(before.truncatedTo(ChronoUnit.MILLIS), after.truncatedTo(ChronoUnit.MILLIS));
        assertThat(server.post("/api/locations", anna, encrypted(Instant.now().plusSeconds(300)))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void whatSaysNoTimeIsTakenOnlyWhereItCannotBeLeftOver() throws Exception {
        shareEncrypted(bjorn, null, true);
        try (Phone open = Phone.connect(server, anna)) {
            aPause(anna);
            try (Phone later = Phone.connect(server, anna)) {
                later.send(encrypted("later", null));
                assertThat(later.hear("error").getString("code")).isEqualTo("paused");
            }
            shareEncrypted(anna, null, false);
            Tracker owntracks = Tracker.add(server, anna, "owntracks");
            String data = Base64.getEncoder().encodeToString(new byte[100]);
            owntracks.post("/owntracks", "{\"_type\":\"encrypted\",\"data\":\"" + data + "\"}");
            assertThat(server.history(anna, "")).isEmpty();

            open.send(encrypted("open", null));
            assertThat(open.hear("ack").getString("id")).isEqualTo("open");
        }
        assertThat(server.history(anna, "")).hasSize(1);
        shareEncrypted(anna, null, true);
    }

    private void shareEncrypted(Person person, Instant measuredAt, boolean stored) {
        Answer answer = server.post("/api/locations", person, encrypted(null, measuredAt));
        assertThat(answer.json().getBoolean("stored"))
                .as(answer.response().body())
                .isEqualTo(stored);
    }

    private static String encrypted(Instant measuredAt) {
        return encrypted(null, measuredAt);
    }

    private static String encrypted(String id, Instant measuredAt) {
        JsonObjectBuilder report = Json.createObjectBuilder()
                .add("type", "location:update")
                .add("v", 1)
                .add("n", "n".repeat(32))
                .add("c", "c".repeat(40));
        if (id != null) {
            report.add("id", id);
        }
        if (measuredAt != null) {
            report.add("timestamp", measuredAt.toString());
        }
        return report.build().toString();
    }

    @Test
    void howOftenSomebodyPausesMakesNoDifference() throws Exception {
        Instant first = aPause(anna);
        for (int i = 0; i < 120; i++) {
            aPause(anna);
        }
        Instant last = aPause(anna);
        share(anna, 1, first, false);
        share(anna, 1, last, false);
        share(anna, 1, Instant.now(), true);
        assertThat(member(anna).split("\"since\"", -1)).as("they stay few").hasSize(101);
    }

    @Test
    void aPauseMayGetAnotherEnd() {
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.flush();
            pause(anna, "");
            assertThat(bjorns.hear("user:paused").containsKey("until")).isFalse();
            Instant inside = Instant.now();
            String until = pause(anna, "{\"hours\":24}").string("until");
            assertThat(bjorns.hear("user:paused").getString("until")).isEqualTo(until);
            pause(anna, "{\"hours\":null}");
            assertThat(bjorns.hear("user:paused").containsKey("until")).isFalse();
            resume(anna);
            bjorns.hear("user:resumed");
            resume(anna);
            assertThat(bjorns.flush()).as("it was over").isEmpty();
            share(anna, 1, inside, false);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"hours\":0}|hours: expected 1 to 720, or none to pause until you end it",
                "{\"hours\":721}|hours: expected 1 to 720, or none to pause until you end it",
                "{\"hours\":1,\"until\":\"2026-11-23T08:00:00Z\"}|Expected hours or until, not both",
                "{\"until\":\"2020-01-01T00:00:00Z\"}|until: expected a moment within the next 720 hours",
                "{\"until\":\"+100000-01-01T00:00:00Z\"}|until: expected a moment within the next 720 hours",
                "{\"until\":\"soon\"}|until: expected ISO 8601 with a zone, such as 2026-11-23T08:00:00Z",
                "[]|Expected a JSON object: {hours, until}"
            })
    void anEndThatCannotBeIsRefused(String body, String message) {
        Answer answer = put(server, anna, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("message")).isEqualTo(message);
        assertThat(server.get("/api/pause", anna).json().getBoolean("paused")).isFalse();
    }

    @Test
    void whoComesBackLearnsThatItIsOver() {
        long since;
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            share(anna, 1, Instant.now(), true);
            since = bjorns.hear("location:broadcast").getJsonNumber("offset").longValue();
            pause(anna, "{}");
            bjorns.hear("user:paused");
        }
        resume(anna);
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.send("{\"type\":\"location:subscribe\",\"since\":" + since + "}");
            assertThat(bjorns.flush())
                    .extracting(message -> message.getString("type"))
                    .containsExactly("user:resumed");
        }
    }

    /** Told first of all to who comes back, before what they missed: to name it next time would lose that. */
    @Test
    void howAMemberIsHasNoPlaceInTheStream() {
        try (EventStream stream = EventStream.open(server, bjorn, null);
                Phone phone = Phone.connect(server, bjorn)) {
            share(anna, 1, Instant.now(), true);
            String last = stream.next("location:broadcast").id();
            pause(anna, "{}");
            assertThat(stream.next("user:paused").id()).isEqualTo(last);
            assertThat(phone.hear("user:paused").containsKey("offset")).isFalse();
        }
    }

    @Test
    void whoLeavesWhilePausedIsGone() {
        Person carla = server.join(anna, "Carla");
        pause(carla, "{}");
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.hear("user:paused");
            assertThat(server.delete("/api/users/" + carla.id(), carla).status())
                    .isEqualTo(204);
            assertThat(bjorns.flush()).isEmpty();
        }
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            assertThat(bjorns.flush()).isEmpty();
        }
    }

    @Test
    void theClientForgetsWhatItIsPausedFor() throws Exception {
        BlockingQueue<String> refused = new LinkedBlockingQueue<>();
        Listener listener = new Listener() {
            @Override
            public void refused(Position position, String reason) {
                refused.add(reason);
            }
        };
        pause(anna, "{}");
        try (DraugarClient client = DraugarClient.builder(server.ws(), anna.token())
                .outbox(folder.resolve("outbox"))
                .listener(listener)
                .start()) {
            var promise = client.send(Position.of(1, 1, Instant.now()));
            assertThatThrownBy(() -> promise.get(10, TimeUnit.SECONDS)).hasMessageContaining(Outcome.PAUSED_WORDS);
            assertThat(refused.poll(10, TimeUnit.SECONDS)).isEqualTo(Outcome.PAUSED_WORDS);
            resume(anna);
            client.send(Position.of(2, 2, Instant.now())).get(10, TimeUnit.SECONDS);
        }
        assertThat(latitudes(anna)).containsExactly(2);
        assertThat(refused).isEmpty();
    }

    /** Pauses for some milliseconds; gives a moment within. */
    private Instant aPause(Person person) {
        pause(person, "{}");
        Instant inside = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Server.await("a millisecond has passed", SOON, () -> Instant.now().isAfter(inside.plusMillis(1)));
        resume(person);
        return inside;
    }

    private Answer pause(Person person, String body) {
        Answer answer = put(server, person, body);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().getBoolean("paused")).isTrue();
        return answer;
    }

    private static Answer put(Server server, Person person, String body) {
        return server.send(server.request("/api/pause", person).PUT(BodyPublishers.ofString(body)));
    }

    private void resume(Person person) {
        assertThat(server.delete("/api/pause", person).status()).isEqualTo(204);
    }

    private void share(Person person, int latitude, Instant measuredAt, boolean stored) {
        Answer answer = server.post(
                "/api/locations",
                person,
                Phone.update(latitude, 1)
                        .add("timestamp", measuredAt.toString())
                        .build()
                        .toString());
        assertThat(answer.json().getBoolean("stored"))
                .as(answer.response().body())
                .isEqualTo(stored);
    }

    private List<JsonObject> users(Person person) {
        return server.get("/api/users", person).json().getJsonArray("users").getValuesAs(JsonObject.class);
    }

    private List<Integer> latitudes(Person person) {
        return server
                .get("/api/users/" + person.id() + "/locations?order=asc", person)
                .json()
                .getJsonArray("locations")
                .getValuesAs(JsonObject.class)
                .stream()
                .map(location -> location.getInt("latitude"))
                .toList();
    }

    /** What the export says of a member. */
    private String member(Person person) throws Exception {
        byte[] zip = HttpClient.newHttpClient()
                .send(
                        server.request("/api/users/" + person.id() + "/export", person)
                                .build(),
                        BodyHandlers.ofByteArray())
                .body();
        try (ZipInputStream files = new ZipInputStream(new ByteArrayInputStream(zip))) {
            assertThat(files.getNextEntry().getName()).isEqualTo("member.json");
            return new String(files.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
