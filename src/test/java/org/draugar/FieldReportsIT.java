package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
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
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What people's phones and files really send: the folder's README says how to add another report. */
@SharedServer
class FieldReportsIT {
    private static final Path FOLDER = Path.of("src/test/resources/field-reports");
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Pattern MOMENT = Pattern.compile("@(-?[0-9]+):([a-z0-9]+)@");
    private static final Pattern POSITION =
            Pattern.compile("(-?[0-9.]+),(-?[0-9.]+)@(-?[0-9]+)(?:!(.+))?", Pattern.DOTALL);

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Server server;

    FieldReportsIT(Server server) {
        this.server = server;
    }

    private record Case(String file, String door, List<Integer> statuses, String positions, String told) {
        static Case of(String line) {
            String[] columns = line.split("\t", -1);
            return new Case(
                    columns[0],
                    columns[1],
                    Stream.of(columns[2].split(" ", -1)).map(Integer::valueOf).toList(),
                    columns[3],
                    columns[4]);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyReportIsKeptAndToldAsItShould() throws IOException {
        List<Case> cases = Files.readAllLines(FOLDER.resolve("cases.tsv")).stream()
                .skip(1)
                .map(Case::of)
                .toList();
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(cases)
                    .extracting(Case::file)
                    .as("each file is in the table")
                    .containsExactlyInAnyOrderElementsOf(files.map(
                                    file -> file.getFileName().toString())
                            .filter(name -> !List.of("README", "cases.tsv").contains(name))
                            .toList());
        }
        return cases.stream().map(one -> dynamicTest(one.file(), () -> send(one)));
    }

    private void send(Case one) throws IOException {
        Person anna = server.startFamily("Anna");
        // Byte by byte: some are in no encoding, or in several.
        String text = Files.readString(FOLDER.resolve(one.file()), StandardCharsets.ISO_8859_1);
        String told =
                switch (one.door()) {
                    case "import" -> takeIn(anna, one, moments(text));
                    case "/api/locations" -> share(anna, one, moments(text));
                    default -> report(anna, one, moments(text));
                };
        String kept = String.join(
                "\n",
                server
                        .get("/api/users/" + anna.id() + "/locations?order=asc", anna)
                        .json()
                        .getJsonArray("locations")
                        .getValuesAs(JsonObject.class)
                        .stream()
                        .map(JsonObject::toString)
                        .toList());
        List<JsonObject> locations =
                server.history(anna, "?order=asc&limit=2").isEmpty() ? List.of() : paged(anna, "?order=asc&limit=2");
        List<String> expected = one.positions().equals("-")
                ? List.of()
                : List.of(one.positions().split(" (?=-?[0-9.]+,)", -1));
        assertThat(locations).as(kept + " " + told).hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            Matcher position = POSITION.matcher(expected.get(i));
            assertThat(position.matches()).as(expected.get(i)).isTrue();
            JsonObject location = locations.get(i);
            assertThat(location.getJsonNumber("latitude").doubleValue())
                    .as(kept)
                    .isCloseTo(Double.parseDouble(position.group(1)), within(1e-6));
            assertThat(location.getJsonNumber("longitude").doubleValue())
                    .as(kept)
                    .isCloseTo(Double.parseDouble(position.group(2)), within(1e-6));
            assertThat(Instant.parse(location.getString("timestamp")))
                    .as(kept)
                    .isCloseTo(
                            now.plusSeconds(Long.parseLong(position.group(3))),
                            within(position.group(3).equals("0") ? 60_000 : 999, ChronoUnit.MILLIS));
            assertThat(location.getString("alarm", null)).as(kept).isEqualTo(position.group(4));
        }
        if (one.told().equals("-")) {
            assertThat(told).isEmpty();
        } else {
            assertThat(told).contains(one.told());
        }
    }

    /** Page by page, so that none is lost or doubled between two. */
    private List<JsonObject> paged(Person person, String query) {
        List<JsonObject> all = new ArrayList<>();
        String path = "/api/users/" + person.id() + "/locations" + query;
        while (path != null) {
            JsonObject page = server.get(path, person).json();
            all.addAll(page.getJsonArray("locations").getValuesAs(JsonObject.class));
            path = page.getString("next", null);
        }
        return all;
    }

    private String takeIn(Person person, Case one, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        String type = one.file().endsWith(".form") ? "multipart/form-data; boundary=here" : "application/octet-stream";
        List<JsonObject> answers = new ArrayList<>();
        for (int time = 0; time < 2; time++) {
            Answer answer = server.send(server.request(
                            "/api/users/" + person.id() + "/imports?name=a%E2%80%AEb-" + "long-".repeat(20), person)
                    .setHeader("Content-Type", type)
                    .POST(BodyPublishers.ofByteArray(bytes)));
            assertThat(answer.status())
                    .as(answer.response().body())
                    .isEqualTo(one.statuses().get(0));
            answers.add(answer.json());
        }
        if (one.statuses().get(0) != 200) {
            return answers.get(0).getString("message");
        }
        assertThat(answers.get(1).getInt("added")).as("the second time").isZero();
        assertThat(answers.get(0).getString("name")).startsWith("ab-long").hasSizeLessThan(65);
        return String.join("; ", answers.get(0).getJsonArray("notUnderstood").getValuesAs(JsonObject::toString));
    }

    private String share(Person person, Case one, String text) {
        StringBuilder told = new StringBuilder();
        String[] requests = text.split("###\n", -1);
        for (int i = 0; i < requests.length; i++) {
            Answer answer = server.post("/api/locations", person, requests[i].strip());
            assertThat(answer.status())
                    .as(answer.response().body())
                    .isEqualTo(one.statuses().get(i));
            told.append(answer.json().getString("message", ""));
        }
        return told.toString();
    }

    private String report(Person person, Case one, String text) {
        String app = one.door().split("/", -1)[1].replace("osmand", "traccar");
        Tracker tracker = Tracker.add(server, person, app);
        String[] requests = text.replace("@secret@", tracker.secret()).split("###\n", -1);
        assertThat(requests).hasSameSizeAs(one.statuses());
        for (int i = 0; i < requests.length; i++) {
            String[] lines = requests[i].strip().split("\n", 2);
            boolean isQuery = one.file().endsWith(".query");
            String query = isQuery ? "?" + lines[0].replaceFirst("^\\?", "") : "";
            String body = isQuery ? (lines.length > 1 ? lines[1] : "") : requests[i].strip();
            HttpRequest.Builder request = tracker.request(one.door() + query, tracker.secret());
            Answer answer = server.send(
                    body.isEmpty()
                            ? request.GET()
                            : request.header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1)));
            assertThat(answer.status())
                    .as(answer.response().body())
                    .isEqualTo(one.statuses().get(i));
        }
        return tracker.seenBy(person).getString("trouble", "");
    }

    private String moments(String text) {
        Matcher matcher = MOMENT.matcher(text);
        return matcher.replaceAll(found -> moment(now.plusSeconds(Long.parseLong(found.group(1))), found.group(2)));
    }

    private static String moment(Instant at, String form) {
        return switch (form) {
            case "s" -> Long.toString(at.getEpochSecond());
            case "ms" -> Long.toString(at.toEpochMilli());
            case "iso" -> at.toString();
            case "isoms" -> at.toString().replace("Z", ".000Z");
            case "us0" -> at.toString().replace("Z", ".123450Z");
            case "us1" -> at.toString().replace("Z", ".123461Z");
            case "plus" -> format(at, "yyyy-MM-dd'T'HH:mm:ss'+02:00'", 2);
            case "offset" -> format(at, "yyyy-MM-dd'T'HH:mm:ss.SSS'+02:00'", 2);
            case "local" -> format(at, "yyyy-MM-dd HH:mm:ss", 0);
            case "localq" -> format(at, "yyyy-MM-dd'%20'HH:mm:ss", 0);
            case "mailq" -> format(at, "EEE,'%20'dd'+'MMM'+'yyyy'+'HH:mm:ss'+GMT'", 0);
            case "blank" -> format(at, "yyyy-MM-dd HH:mm:ss '+0200'", 2);
            case "sci" -> String.format(Locale.ROOT, "%.9E", (double) at.getEpochSecond());
            case "short" -> Instant.ofEpochMilli(at.getEpochSecond()).toString();
            case "persian" ->
                new String(
                        at.toString()
                                .codePoints()
                                .map(c -> c >= '0' && c <= '9' ? c - '0' + '\u06F0' : c)
                                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                                .toString()
                                .getBytes(StandardCharsets.UTF_8),
                        StandardCharsets.ISO_8859_1);
            default -> throw new IllegalArgumentException(form);
        };
    }

    private static String format(Instant at, String pattern, int hours) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(at.atOffset(ZoneOffset.ofHours(hours)));
    }

    /** Whatever would make an app delete them, or think that they are stored, is worse than to get them again. */
    @Test
    void whatIsTooLargeIsNotConfirmedAndItsOwnerIsTold() {
        Person anna = server.startFamily("Anna");
        String body = "{\"lat\":47,\"lon\":8,\"tst\":" + now.getEpochSecond() + "}" + " ".repeat(2 << 20);
        for (String app : List.of("owntracks", "overland", "gpslogger", "traccar")) {
            Tracker tracker = Tracker.add(server, anna, app);
            String path = "/" + app.replace("traccar", "osmand?id=" + tracker.secret());
            Answer answer = server.send(tracker.request(path, tracker.secret()).POST(BodyPublishers.ofString(body)));
            assertThat(answer.status()).as(app).isEqualTo(503);
            assertThat(answer.response().headers().firstValue("Retry-After")).isPresent();
            assertThat(tracker.seenBy(anna).getString("trouble")).contains("2 MB", "fewer positions");
        }
    }

    @Test
    void anAlarmWithTheFixThatWasSentBeforeIsHeardOnceAtEveryDoor() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Tracker tracker = Tracker.add(server, anna, "traccar");
        String fix = "id=" + tracker.secret() + "&lat=47.1&lon=8.1&timestamp=" + now.getEpochSecond();
        tracker.get("/osmand", fix);
        try (Phone phone = Phone.connect(server, bjorn);
                EventStream events = EventStream.open(server, bjorn, null)) {
            phone.subscribe();
            events.next("location:broadcast");
            tracker.get("/osmand", fix + "&alarm=sos");
            tracker.get("/osmand", fix + "&alarm=sos");
            tracker.get("/osmand", fix + "&alarm=tampering");
            for (String alarm : List.of("sos", "tampering")) {
                assertThat(phone.hear("location:broadcast", SOON).getString("alarm"))
                        .isEqualTo(alarm);
                assertThat(events.next("location:broadcast").data().getString("alarm"))
                        .isEqualTo(alarm);
            }
        }
    }

    @Test
    void anAlarmIsToldOnceAlsoWhereNobodyKnowsAPlace() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Tracker tracker = Tracker.add(server, anna, "traccar");
        try (Phone phone = Phone.connect(server, bjorn);
                EventStream events = EventStream.open(server, bjorn, null)) {
            phone.subscribe();
            for (String again : List.of("first", "sent again by the app")) {
                assertThat(tracker.alarm("sos").status()).as(again).isEqualTo(200);
            }
            JsonObject heard = phone.hear("alarm", SOON);
            assertThat(heard.getString("userId")).isEqualTo(anna.id());
            assertThat(heard.getString("name")).isEqualTo("Anna");
            assertThat(heard.getString("alarm")).isEqualTo("sos");
            assertThat(Instant.parse(heard.getString("at"))).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
            assertThat(events.next("alarm").data().getString("alarm")).isEqualTo("sos");
            assertThat(alarms(bjorn)).containsExactly("sos");
            tracker.get(
                    "/osmand",
                    "id=" + tracker.secret() + "&lat=47&lon=8&timestamp=" + now.getEpochSecond() + "&alarm=fallDown");
            assertThat(phone.hear("location:broadcast", SOON).getString("alarm"))
                    .isEqualTo("fallDown");
            assertThat(phone.flush())
                    .extracting(message -> message.getString("type"))
                    .as("each once")
                    .doesNotContain("alarm", "location:broadcast");
        }
        Server.await("the second alarm", SOON, () -> alarms(bjorn).size() == 2);
        assertThat(alarms(bjorn)).containsExactly("fallDown", "sos");
        JsonObject second =
                server.get("/api/alarms", bjorn).json().getJsonArray("alarms").getJsonObject(0);
        assertThat(Instant.parse(second.getString("measuredAt"))).isEqualTo(now);
        assertThat(alarms(server.startFamily("Eve"))).as("nobody else's").isEmpty();
        server.delete("/api/users/" + anna.id() + "/locations", anna);
        assertThat(alarms(bjorn)).as("deleted means deleted").isEmpty();
    }

    @Test
    void anAlarmInAPauseIsAsGoodAsStoredAndNobodyIsTold() {
        Person anna = server.startFamily("Anna");
        server.put("/api/pause", anna, "");
        Tracker tracker = Tracker.add(server, anna, "traccar");
        assertThat(tracker.alarm("fallDown").status()).isEqualTo(200);
        assertThat(alarms(anna)).isEmpty();
    }

    /** Who is in need is to be found. */
    @Test
    void aCallForHelpEndsAPause() {
        Person anna = server.startFamily("Anna");
        server.put("/api/pause", anna, "");
        assertThat(Tracker.add(server, anna, "traccar").alarm("sos").status()).isEqualTo(200);
        Server.await("the alarm", SOON, () -> alarms(anna).equals(List.of("sos")));
        assertThat(server.get("/api/users", anna)
                        .json()
                        .getJsonArray("users")
                        .getJsonObject(0)
                        .getBoolean("paused"))
                .isFalse();
    }

    private List<String> alarms(Person person) {
        return server.get("/api/alarms", person).json().getJsonArray("alarms").getValuesAs(JsonObject.class).stream()
                .map(alarm -> alarm.getString("alarm"))
                .toList();
    }

    @Test
    void aStreamGoesOnByTheQueryTooAndNoProxyMayChangeIt() throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post("/api/locations", anna, Phone.update(1, 2).build().toString());
        String offset;
        try (EventStream events = EventStream.open(server, bjorn, null)) {
            offset = events.next("location:broadcast").id();
        }
        server.post("/api/locations", anna, Phone.update(3, 4).build().toString());
        var answer = java.net.http.HttpClient.newHttpClient()
                .send(
                        server.request("/api/events/?lastEventId=" + offset, bjorn)
                                .GET()
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofLines());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store, no-transform");
        try (Stream<String> lines = answer.body()) {
            String first = lines.filter(line -> line.contains("\"latitude\""))
                    .findFirst()
                    .orElseThrow();
            assertThat(first).contains("\"latitude\":3");
        }
    }
}
