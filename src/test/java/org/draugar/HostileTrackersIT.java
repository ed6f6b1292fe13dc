package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Ten thousand broken messages through each door of the trackers: each is answered, and nobody else is touched. */
@SharedServer
class HostileTrackersIT {
    private static final int REQUESTS = Extent.of("HostileTrackersIT: broken messages to each door", 1_500, 10_000);
    private static final int AT_ONCE = 16;
    private static final Path FIXTURES = Path.of("src/test/resources");
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What parsers have stumbled over. */
    private static final List<String> ODD = List.of(
            "1e400",
            "-1e400",
            "NaN",
            "Infinity",
            "-0",
            "1".repeat(5000),
            "9223372036854775808",
            "1e-400",
            "0x1p3",
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "[[[[[[[[",
            "{\"a\":".repeat(2000),
            "[".repeat(5000),
            "\\u0000",
            "\\ud800",
            "\u0000",
            "\uFFFF",
            "%",
            "%zz",
            "%c0%80",
            "&&&&",
            "====",
            "1d",
            "+1",
            "1_000",
            "1,5",
            "٣",
            "\uFEFF",
            "-999999999-01-01T00:00:00Z",
            "+999999999-12-31T23:59:59Z",
            "2026-02-30T00:00:00Z",
            "24:00",
            "-1",
            "360.0001");

    private final Server server;

    HostileTrackersIT(Server server) {
        this.server = server;
    }

    @TestFactory
    Stream<DynamicTest> everyBrokenMessageIsAnsweredAndTouchesNobody() {
        return Stream.of(
                        "owntracks /owntracks",
                        "traccar /osmand",
                        "overland /overland",
                        "gpslogger /gpslogger",
                        "gpslogger-owntracks /gpslogger/owntracks")
                .map(door -> dynamicTest(door, () -> attack(door.split(" ", -1)[0], door.split(" ", -1)[1])));
    }

    private void attack(String folder, String path) throws Exception {
        long seed = Extent.seed("Broken messages to " + path);
        Random random = new Random(seed);
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        String app = folder.replace("-owntracks", "");
        Tracker attacker = Tracker.add(server, anna, app);
        List<Tracker> others =
                List.of(Tracker.add(server, bjorn, app), Tracker.add(server, server.startFamily("Eve"), app));
        for (Tracker other : others) {
            assertThat(server.post(
                                    "/api/locations",
                                    other.owner(),
                                    Phone.update(7, 7).build().toString())
                            .status())
                    .isEqualTo(201);
        }
        List<String> messages = messages(folder);
        Map<Integer, Integer> statuses = new TreeMap<>();
        Semaphore room = new Semaphore(AT_ONCE);
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            HttpRequest request = request(random, attacker, others, path, messages);
            room.acquire();
            answers.add(HTTP.sendAsync(request, BodyHandlers.ofString()).handle((answer, failure) -> {
                room.release();
                synchronized (statuses) {
                    statuses.merge(failure == null ? answer.statusCode() : 0, 1, Integer::sum);
                }
                return null;
            }));
        }
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
        System.out.println("Answers of " + path + ": " + statuses);
        assertThat(statuses.keySet())
                .as("seed " + seed)
                // 503: it holds positions that cannot be read, and is better not forgotten by who sent it.
                .allMatch(status -> status == 200 || status == 503 || (status >= 400 && status < 500));
        assertThat(statuses.get(200)).as("what comes from a known tracker").isGreaterThan(REQUESTS / 3);
        for (Tracker other : others) {
            assertThat(other.kept()).as("seed " + seed).hasSize(1);
            JsonObject position = other.kept().get(0);
            assertThat(position.getJsonNumber("latitude").doubleValue()).isEqualTo(7);
        }
        assertThat(attacker.post(app.equals("traccar") ? "/osmand?id=" + attacker.secret() : path, "")
                        .status())
                .as("the server is well")
                .isEqualTo(200);
    }

    private HttpRequest request(
            Random random, Tracker attacker, List<Tracker> others, String path, List<String> messages) {
        Tracker other = others.get(random.nextInt(others.size()));
        String message = messages.get(random.nextInt(messages.size()))
                .replace("@secret@", attacker.secret())
                .replaceAll("@iso[^@]*@", Instant.now().toString())
                .replace("1795420800", Long.toString(Instant.now().getEpochSecond() - random.nextInt(86_400)));
        if (random.nextInt(4) == 0) {
            // It claims to be somebody else's.
            message = message.replaceAll(
                    "\"(tid|topic|device_id|unique_id)\":\"[^\"]*\"", "\"$1\":\"" + other.id() + "\"");
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        for (int times = random.nextInt(4); times >= 0; times--) {
            bytes = mutate(random, bytes);
        }
        String password = random.nextInt(20) == 0 ? other.id() : attacker.secret();
        String query = random.nextInt(3) == 0
                ? URLEncoder.encode(new String(bytes, StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                        .replace("%3D", "=")
                        .replace("%26", "&")
                : "u=" + other.id() + "&d=phone";
        if (path.equals("/osmand") && random.nextInt(10) > 0) {
            query = "id=" + password + "&" + query;
        }
        HttpRequest.Builder request = attacker.request(path + "?" + clip(query), password)
                .header("X-Limit-U", other.owner().id())
                .header(
                        "Content-Type",
                        random.nextBoolean() ? "application/json" : "application/x-www-form-urlencoded");
        boolean get = random.nextInt(4) == 0;
        return request.method(get ? "GET" : "POST", get ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(bytes))
                .build();
    }

    /** Servers refuse longer addresses themselves. */
    private static String clip(String query) {
        String clipped = query.substring(0, Math.min(2000, query.length()));
        return clipped.replaceFirst("%[0-9A-F]?$", "");
    }

    private static byte[] mutate(Random random, byte[] bytes) {
        int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        return switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> {
                byte[] flipped = bytes.clone();
                if (flipped.length > 0) {
                    flipped[at] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
            case 2 -> insert(bytes, at, bytes);
            case 3 -> Arrays.copyOfRange(bytes, at, bytes.length);
            case 4 -> insert(bytes, at, ODD.get(random.nextInt(ODD.size())).getBytes(StandardCharsets.UTF_8));
            default -> value(random, bytes);
        };
    }

    private static byte[] insert(byte[] bytes, int at, byte[] more) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
        System.arraycopy(more, 0, longer, at, more.length);
        System.arraycopy(bytes, at, longer, at + more.length, bytes.length - at);
        return longer;
    }

    /** Puts something odd in the place of a value. */
    private static byte[] value(Random random, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        String[] parts = text.split("(?<=[:=])", -1);
        int i = random.nextInt(parts.length);
        String odd = ODD.get(random.nextInt(ODD.size())).replace("\\", "\\\\").replace("$", "\\$");
        parts[i] = parts[i].replaceFirst("^(\"[^\"]*\"|[^,&}\\]]*)", odd);
        return String.join("", parts).getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> messages(String folder) throws IOException {
        try (Stream<Path> files = Files.list(FIXTURES.resolve(folder))) {
            List<String> messages = new ArrayList<>();
            for (Path file :
                    files.filter(f -> !f.endsWith("expected.json")).sorted().toList()) {
                messages.add(Files.readString(file).strip());
            }
            return messages;
        }
    }
}
