package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where somebody has been: read, taken along, brought in and deleted. */
@SharedServer
class HistoryIT {
    private final Instant start = Instant.now().minusSeconds(40_000).truncatedTo(ChronoUnit.SECONDS);

    private final Server server;
    private Person anna;
    private Person bjorn;

    HistoryIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna & <Co>");
        bjorn = server.join(anna, "Björn");
    }

    @ParameterizedTest
    @CsvSource({"asc", "desc"})
    void pagesFollowOneAnotherWithoutAGapOrADouble(String order) {
        store(1000);
        List<Integer> read = new ArrayList<>();
        String path = path(anna) + "?order=" + order + "&limit=70";
        while (path != null) {
            JsonObject page = server.get(path, bjorn).json();
            page.getJsonArray("locations").getValuesAs(JsonObject.class).forEach(l -> read.add(l.getInt("altitude")));
            path = page.getString("next", null);
        }
        List<Integer> expected = IntStream.range(0, 1000)
                .map(i -> order.equals("asc") ? i : 999 - i)
                .boxed()
                .toList();
        assertThat(read).isEqualTo(expected);
    }

    @Test
    void aTimeRangeIsExact() {
        store(1000);
        JsonObject page = server.get(
                        path(anna) + "?order=asc&from=" + start.plusSeconds(100) + "&to=" + start.plusSeconds(130),
                        bjorn)
                .json();
        assertThat(page.getJsonArray("locations").getValuesAs(JsonObject.class))
                .extracting(location -> location.getInt("altitude"))
                .isEqualTo(IntStream.range(10, 13).boxed().toList());
        JsonObject first = page.getJsonArray("locations").getJsonObject(0);
        assertThat(first.getString("id")).isEqualTo("h10");
        assertThat(first.getJsonNumber("offset").longValue()).isPositive();
        assertThat(Instant.parse(first.getString("timestamp"))).isEqualTo(start.plusSeconds(100));
    }

    @Test
    void anEncryptedPositionStaysAsItIs() {
        Answer answer = server.post(
                "/api/locations", anna, "{\"v\":1,\"n\":\"" + "A".repeat(32) + "\",\"c\":\"" + "A".repeat(24) + "\"}");
        assertThat(answer.status()).isEqualTo(201);
        JsonObject location =
                server.get(path(anna), bjorn).json().getJsonArray("locations").getJsonObject(0);
        assertThat(location.getJsonObject("payload").getString("c")).isEqualTo("A".repeat(24));
        assertThat(location.containsKey("latitude")).isFalse();
    }

    @Test
    void nobodyElseReadsAndNobodyElseDeletes() {
        store(5);
        Person stranger = server.startFamily("Stranger");
        assertThat(server.get(path(anna), stranger).status()).isEqualTo(404);
        assertThat(server.get(path(anna), null).status()).isEqualTo(401);
        assertThat(server.delete(path(anna), stranger).status()).isEqualTo(404);
        assertThat(server.delete(path(anna), bjorn).status()).isEqualTo(403);
        assertThat(server.get("/api/users/" + anna.id() + "/export", bjorn).status())
                .isEqualTo(403);
        assertThat(server.post("/api/users/" + anna.id() + "/imports", bjorn, "<gpx/>")
                        .status())
                .isEqualTo(403);
        assertThat(server.get(path(anna), bjorn).json().getJsonArray("locations"))
                .hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({"from=yesterday", "limit=0", "order=up", "from=2026-02-01&to=2026-01-01", "after=x"})
    void aQueryThatCannotBeUnderstoodIsRefusedWithTheReason(String query) {
        Answer answer = server.get(path(anna) + "?" + query, bjorn);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("message")).containsAnyOf("expected", "next");
    }

    @Test
    void theSameComesAsGeoJsonAndAsGpx() {
        store(50);
        JsonObject geo = Json.createReader(
                        new ByteArrayInputStream(bytes(path(anna) + "?from=" + start, anna, "application/geo+json")))
                .readObject();
        assertThat(geo.getString("type")).isEqualTo("FeatureCollection");
        assertThat(geo.getJsonArray("features")).hasSize(50);
        String gpx = new String(bytes(path(anna), anna, "application/gpx+xml"), StandardCharsets.UTF_8);
        assertThat(gpx).contains("Anna &amp; &lt;Co&gt;").containsPattern("<trkpt lat=\"64.0");
        JsonObject line = Json.createReader(
                        new ByteArrayInputStream(bytes(path(anna) + "?simplify=10", anna, "application/geo+json")))
                .readObject();
        assertThat(line.getJsonArray("features")
                        .getJsonObject(0)
                        .getJsonObject("geometry")
                        .getString("type"))
                .isEqualTo("LineString");
        assertThat(line.getJsonArray("features")
                        .getJsonObject(0)
                        .getJsonObject("geometry")
                        .getJsonArray("coordinates"))
                .as("a straight line needs two points")
                .hasSize(2);
    }

    /** Somebody who walks through a town for an hour, by a phone that is wrong by a metre. */
    @Test
    void anHourToDrawIsAFewKilobytes() throws IOException {
        JsonArrayBuilder some = Json.createArrayBuilder();
        for (int second = 0; second < 3_600; second++) {
            int block = second / 120;
            double along = second % 120 / 120.0;
            double wrong = second % 3 / 100_000.0;
            JsonObjectBuilder report = Phone.update(
                            64 + 0.002 * (block / 2 + (block % 2 == 0 ? along : 1)) + wrong,
                            -21 + 0.004 * ((block + 1) / 2 + (block % 2 == 0 ? 0 : along - 1)))
                    .add("id", "t" + second)
                    .add("accuracy", 4.5)
                    .add("speed", 1.9)
                    .add("timestamp", start.plusSeconds(second).toString());
            some.add(second == 1_000 ? report.add("alarm", "sos") : report);
            if (second % 400 == 399) {
                assertThat(server.post("/api/locations", anna, some.build().toString())
                                .status())
                        .isEqualTo(200);
                some = Json.createArrayBuilder();
            }
        }
        HttpResponse<byte[]> answer = bytes(server.request(path(anna) + "?order=asc&limit=5000&simplify=5", bjorn)
                .header("Accept-Encoding", "gzip"));
        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(answer.headers().allValues("Vary")).anyMatch(named -> named.contains("Accept-Encoding"));
        assertThat(answer.body()).hasSizeLessThan(20_000);
        List<JsonObject> drawn;
        try (var json = Json.createReader(new GZIPInputStream(new ByteArrayInputStream(answer.body())))) {
            drawn = json.readObject().getJsonArray("locations").getValuesAs(JsonObject.class);
        }
        assertThat(drawn).hasSizeBetween(20, 200);
        assertThat(drawn).extracting(location -> location.getString("id")).contains("t0", "t1000#sos", "t3599");
        assertThat(server.get(path(anna) + "?simplify=-1", bjorn).status()).isEqualTo(400);
        assertThat(server.get(path(anna) + "?limit=1", bjorn)
                        .response()
                        .headers()
                        .firstValue("Content-Encoding"))
                .as("for who has not asked for it")
                .isEmpty();
    }

    @Test
    void whatOneTakesAlongCanBeBroughtIn() {
        store(200);
        byte[] gpx = bytes(path(anna), anna, "application/gpx+xml");
        JsonObject report = importFile(bjorn, gpx);
        assertThat(report.getString("status")).isEqualTo("done");
        assertThat(report.getString("format")).startsWith("GPX");
        assertThat(report.getInt("added")).isEqualTo(200);
        JsonObject again = importFile(bjorn, gpx);
        assertThat(again.getInt("added")).as("again").isZero();
        assertThat(again.getInt("known")).isEqualTo(200);
        assertThat(imports(bjorn)).hasSize(2);
        assertThat(locations(bjorn, "?order=asc&limit=5000"))
                .extracting(location -> location.getJsonNumber("latitude").doubleValue())
                .isEqualTo(locations(anna, "?order=asc&limit=5000").stream()
                        .map(location -> location.getJsonNumber("latitude").doubleValue())
                        .toList());
    }

    @Test
    void theImportTellsWhatItDidNotTakeIn() {
        String gpx = "<gpx version=\"1.1\" creator=\"t\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>"
                + "<trkpt lat=\"1\" lon=\"1\"><time>" + start + "</time></trkpt>"
                + "<trkpt lat=\"1\" lon=\"1\"><time>2001-01-01T00:00:00Z</time></trkpt>"
                + "<trkpt lat=\"1\" lon=\"1\"/></trkseg></trk></gpx>";
        JsonObject report = importFile(anna, gpx.getBytes(StandardCharsets.UTF_8));
        assertThat(report.getInt("added")).isEqualTo(1);
        assertThat(report.getInt("tooOld")).isEqualTo(1);
        assertThat(report.getJsonArray("notUnderstood")).hasSize(1);
        Answer none = server.post("/api/users/" + anna.id() + "/imports", anna, "hello");
        assertThat(none.status()).isEqualTo(400);
        assertThat(none.string("message")).contains("Expected a GPX file");
    }

    @Test
    void aFileMayBeLargerThanServersLike() {
        StringBuilder gpx = new StringBuilder("<gpx version=\"1.1\" creator=\"t\"><trk><trkseg>");
        for (int i = 0; i < 250; i++) {
            gpx.append("<trkpt lat=\"1\" lon=\"1\"><time>")
                    .append(start.plusSeconds(i))
                    .append("</time><desc>")
                    .append("word ".repeat(12_000))
                    .append("</desc></trkpt>");
        }
        gpx.append("</trkseg></trk></gpx>");
        assertThat(gpx.length()).isGreaterThan(15_000_000);
        assertThat(importFile(anna, gpx.toString().getBytes(StandardCharsets.UTF_8))
                        .getInt("added"))
                .isEqualTo(250);
    }

    @Test
    void anImportTellsHowFarItHasCome() throws Exception {
        PipedOutputStream file = new PipedOutputStream();
        PipedInputStream body = new PipedInputStream(file);
        CompletableFuture<HttpResponse<String>> imported = HttpClient.newHttpClient()
                .sendAsync(
                        server.request("/api/users/" + anna.id() + "/imports?name=long.gpx", anna)
                                .timeout(Duration.ofMinutes(2))
                                .POST(BodyPublishers.ofInputStream(() -> body))
                                .build(),
                        BodyHandlers.ofString());
        file.write("<gpx version=\"1.1\" creator=\"t\"><trk><trkseg>".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 40_000; i++) {
            file.write(("<trkpt lat=\"1\" lon=\"1\"><time>" + start.minusMillis(i) + "</time></trkpt>")
                    .getBytes(StandardCharsets.UTF_8));
        }
        JsonObject running = Server.await("positions are found", Duration.ofSeconds(30), () -> imports(anna).stream()
                .filter(one -> one.getInt("understood") > 0)
                .findFirst()
                .orElse(null));
        assertThat(running.getString("name")).isEqualTo("long.gpx");
        assertThat(running.getString("status")).isEqualTo("running");
        assertThat(running.getInt("bytes")).isPositive();
        file.write("</trkseg></trk></gpx>".getBytes(StandardCharsets.UTF_8));
        file.close();
        assertThat(imported.join().statusCode()).isEqualTo(200);
        JsonObject done = imports(anna).get(0);
        assertThat(done.getString("status")).isEqualTo("done");
        assertThat(done.getInt("added")).isEqualTo(40_000);
        assertThat(done.getInt("bytes")).isGreaterThan(running.getInt("bytes"));
    }

    private List<JsonObject> imports(Person person) {
        return server.get("/api/users/" + person.id() + "/imports", person)
                .json()
                .getJsonArray("imports")
                .getValuesAs(JsonObject.class);
    }

    @Test
    void anImportIsToldToNobodyLive() {
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.subscribe();
            store(1);
            long offset =
                    phone.hear("location:broadcast").getJsonNumber("offset").longValue();
            importFile(anna, bytes(path(anna), anna, "application/gpx+xml"));
            store(1, 3000);
            phone.hear("location:broadcast");
            phone.send("{\"type\":\"location:subscribe\",\"since\":" + (offset - 1) + "}");
            assertThat(phone.flush()).hasSize(2);
        }
    }

    @Test
    void whatIsDeletedInTheMiddleIsGoneAndTheRestStays() {
        store(1000);
        assertThat(server.delete(
                                path(anna) + "?from=" + start.plusSeconds(1005) + "&to=" + start.plusSeconds(8005),
                                anna)
                        .status())
                .isEqualTo(204);
        List<Integer> left = locations(anna, "?order=asc&limit=5000").stream()
                .map(location -> location.getInt("altitude"))
                .toList();
        assertThat(left)
                .isEqualTo(IntStream.concat(IntStream.rangeClosed(0, 100), IntStream.range(801, 1000))
                        .boxed()
                        .toList());
    }

    @Test
    void theExportHoldsEverythingOfAMember() throws IOException {
        Tracker.add(server, anna, "traccar").alarm("sos");
        store(30);
        Map<String, String> files = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(
                new ByteArrayInputStream(bytes("/api/users/" + anna.id() + "/export", anna, "*/*")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(files.keySet())
                .containsExactly(
                        "alarms.json",
                        "member.json",
                        "notification-channels.json",
                        "notifications.json",
                        "positions.geojson",
                        "positions.gpx",
                        "positions.jsonl",
                        "visits.json");
        assertThat(files.get("alarms.json")).contains("\"alarm\": \"sos\"");
        assertThat(files.get("positions.jsonl").lines()).hasSize(30);
        assertThat(files.get("member.json")).contains("Anna & <Co>").contains("\"devices\"");
    }

    /** A straight line at ten seconds a point. */
    @Test
    void aFamilyMayKeepLessThanItsServer() throws Exception {
        server.store(anna, 50, Instant.now().minus(3, ChronoUnit.DAYS));
        server.store(anna, 10, Instant.now());
        assertThat(server.history(anna, "")).hasSize(60);
        assertThat(server.get("/api/family", anna).string("history")).isEqualTo("30d");
        assertThat(patch("{\"history\":\"31d\"}")).isEqualTo(400);
        assertThat(patch("{\"history\":\"1d\"}")).isEqualTo(200);
        Server.await(
                "the older ones are gone",
                Duration.ofSeconds(30),
                () -> server.history(anna, "").size() == 10);
        assertThat(patch("{\"history\":\"off\"}")).isEqualTo(200);
        Server.await(
                "all but one are gone",
                Duration.ofSeconds(30),
                () -> server.history(anna, "").size() == 1);
    }

    private int patch(String body) {
        return server.patch("/api/family", anna, body).status();
    }

    private void store(int count) {
        store(count, 0);
    }

    private void store(int count, int first) {
        for (int from = 0; from < count; from += 500) {
            JsonArrayBuilder some = Json.createArrayBuilder();
            for (int i = from; i < Math.min(count, from + 500); i++) {
                some.add(Phone.update(64 + (first + i) / 10_000.0, -21)
                        .add("id", "h" + (first + i))
                        .add("altitude", first + i)
                        .add("timestamp", start.plusSeconds(10L * (first + i)).toString()));
            }
            assertThat(server.post("/api/locations", anna, some.build().toString())
                            .json()
                            .getJsonArray("results")
                            .getValuesAs(JsonObject.class))
                    .allMatch(result -> result.getBoolean("stored"));
        }
    }

    private List<JsonObject> locations(Person person, String query) {
        return server.get(path(person) + query, person)
                .json()
                .getJsonArray("locations")
                .getValuesAs(JsonObject.class);
    }

    private JsonObject importFile(Person person, byte[] file) {
        return server.send(server.request("/api/users/" + person.id() + "/imports?name=my.gpx", person)
                        .POST(BodyPublishers.ofByteArray(file)))
                .json();
    }

    private byte[] bytes(String path, Person person, String accept) {
        return bytes(server.request(path, person).header("Accept", accept)).body();
    }

    private static HttpResponse<byte[]> bytes(HttpRequest.Builder request) {
        try {
            HttpResponse<byte[]> response =
                    HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofByteArray());
            assertThat(response.statusCode()).isEqualTo(200);
            return response;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String path(Person person) {
        return "/api/users/" + person.id() + "/locations";
    }
}
