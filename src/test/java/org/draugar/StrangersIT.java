package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.draugar.support.Attackers;
import org.draugar.support.Attackers.Script;
import org.draugar.support.Crowd;
import org.draugar.support.Crowd.Peer;
import org.draugar.support.CrowdedServer;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What strangers, and members who mean no good, can do to others on a server with 256 MB of heap: beside each attack a
 * family of five sends twenty positions a second, somebody looks at the server's health, and somebody signs up.
 */
@CrowdedServer
@Tag("hostile")
@TestInstance(Lifecycle.PER_CLASS)
class StrangersIT {
    private static final int SECONDS = Extent.of("StrangersIT: seconds of each attack", 3, 30);
    /** Milliseconds: in a short run only that it comes at all, because other tests keep the machine busy meanwhile. */
    private static final int LIVE_P99 = Extent.of("StrangersIT: milliseconds to the family", 60_000, 250);

    private static final int HEALTH = Extent.of("StrangersIT: milliseconds to health", 60_000, 1_000);
    private static final int SIGN_UP = Extent.of("StrangersIT: milliseconds to sign up", 60_000, 5_000);
    private static final Duration AS_BEFORE =
            Duration.ofSeconds(Extent.of("StrangersIT: seconds until all is as before", 90, 10));
    private static final Duration DRIP = Duration.ofSeconds(3);
    private static final int MEMBERS = 5;
    private static final int POSITIONS_A_SECOND = 20;
    private static final int LARGE = 2 << 20;

    private static final List<String> DOORS = List.of(
            "/api/families",
            "/api/auth/join",
            "/api/invites/validate",
            "/osmand",
            "/owntracks",
            "/overland",
            "/gpslogger",
            "/gpslogger/owntracks",
            "/api/locations",
            "/api/pause",
            "/api/users/x/imports",
            "/api/events",
            "/api/nowhere",
            "/socket.io/?EIO=4&transport=polling",
            "/ws",
            "/error",
            "/nowhere",
            "/");

    private static final String UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    /** Requests whose answers are more than the kernel keeps for somebody who does not read. */
    private static final List<byte[]> MUCH = List.of(many("/lib/ol.js", 16), many("/api/docs/openapi.json", 40));

    /** Small answers, which one container keeps less of. */
    private static final byte[] MANY = many("/nowhere", 1000);

    private final Server server;
    private final ServerProcess process;
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<Double, Long> sentAt = new ConcurrentHashMap<>();
    private final List<Long> millis = Collections.synchronizedList(new ArrayList<>());
    private final List<Person> family = new ArrayList<>();
    private final List<Peer> phones = new ArrayList<>();
    private Crowd crowd;
    private Person mallory;
    private int sent;

    StrangersIT(Server server, ServerProcess process) {
        this.server = server;
        this.process = process;
    }

    /** Each with as many peers, and what the one of a number says; some have the token of a member. */
    enum Attack {
        FORMS_OF_2_MB(60, (i, token) -> Script.of(request("POST", "/osmand", "", fields()))),
        FORMS_OF_2_MB_BY_A_MEMBER(60, (i, token) -> Script.of(request("POST", "/osmand?id=" + token, "", fields()))),
        JSON_OF_2_MB_BY_A_MEMBER(
                60,
                (i, token) -> Script.of(request(
                        "POST",
                        "/osmand?id=" + token,
                        "",
                        ("[" + "{},".repeat(LARGE / 3 - 1) + "{}]").getBytes(StandardCharsets.US_ASCII)))),
        DRIPS(300, (i, token) -> Script.of(head("POST", DOORS.get(i % DOORS.size()), "Content-Length: 4000\r\n"))
                .drip("a", DRIP)),
        DRIPS_TO_JOIN(300, (i, token) -> Script.of(head("POST", DOORS.get(i % 2), "Content-Length: 4000\r\n"))
                .drip("a", DRIP)),
        DRIPS_IN_CHUNKS(300, (i, token) -> Script.of(
                        head("POST", DOORS.get(i % DOORS.size()), "Transfer-Encoding: chunked\r\n"))
                .drip("1\r\na\r\n", DRIP)),
        DRIPS_BY_A_MEMBER(300, (i, token) -> Script.of(head(
                        "POST",
                        DOORS.get(i % DOORS.size()) + (i % DOORS.size() == 3 ? "?id=" + token : ""),
                        "Authorization: Bearer " + token + "\r\nContent-Length: 200000\r\n"))
                .drip("a", DRIP)),
        BODIES_OF_OTHER_METHODS(300, (i, token) -> Script.of(head(
                        List.of("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "NONSENSE")
                                .get(i % 9),
                        DOORS.get(i % DOORS.size()),
                        "Content-Length: 4000\r\n"))
                .drip("a", DRIP)),
        FORMS_IN_PARTS(300, (i, token) -> Script.of(head(
                        "POST",
                        DOORS.get(i % DOORS.size()),
                        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n"))
                .drip("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na\r\n", DRIP)),
        BODIES_ANNOUNCED(
                300,
                (i, token) -> Script.of(head(
                        "POST",
                        DOORS.get(i % DOORS.size()),
                        "Expect: 100-continue\r\nContent-Encoding: gzip\r\nContent-Length: 4000\r\n"))),
        ANOTHER_HTTP(300, (i, token) -> Script.of(head(
                        "POST",
                        DOORS.get(i % DOORS.size()),
                        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                                + "Content-Length: 4000\r\n"))
                .drip("a", DRIP)),
        /** Each asks again and again, and reads nothing. */
        DEAF(300, (i, token) -> Script.deaf(i % 30 == 0 ? MANY : MUCH.get(i % MUCH.size()))),
        SLOW_HEADERS(400, (i, token) -> Script.of("GET / HTTP/1.1\r\nHost: a\r\n".getBytes(StandardCharsets.US_ASCII))
                .drip("X-A: a\r\n", DRIP)),
        SLOW_UPGRADES(400, (i, token) -> Script.of(
                        ("GET /ws HTTP/1.1\r\nHost: a\r\n" + UPGRADE).getBytes(StandardCharsets.US_ASCII))
                .drip("X-A: a\r\n", DRIP)),
        SILENT_CONNECTIONS(1000, (i, token) -> Script.of(new byte[0])),
        SILENT_SOCKETS(1000, (i, token) -> socketIo(new byte[0])),
        HALF_MESSAGES(1000, (i, token) -> socketIo(frame(false, "4" + "a".repeat(4000)))),
        HALF_FRAMES(1000, (i, token) -> socketIo(half(60_000))),
        HALF_FRAMES_OF_A_MEMBER(
                300, (i, token) -> Script.of(head("GET", "/ws", UPGRADE + "Authorization: Bearer " + token + "\r\n"))
                        .then(half(60_000)));

        private final int peers;
        private final BiFunction<Integer, String, Script> script;

        Attack(int peers, BiFunction<Integer, String, Script> script) {
            this.peers = peers;
            this.script = script;
        }

        private static Script socketIo(byte[] then) {
            return Script.of(head("GET", "/socket.io/?EIO=4&transport=websocket", UPGRADE))
                    .then(then);
        }
    }

    @BeforeAll
    void aFamilyIsOnTheMove() {
        // WildFly's error page for what it refuses at /ws, where Weld has no contexts, has none to end.
        process.log().expect("WELD-000717");
        crowd = new Crowd(server);
        mallory = server.startFamily("Mallory");
        family.add(server.startFamily("Anna"));
        for (int i = 1; i < MEMBERS; i++) {
            family.add(server.join(family.get(0), "Member " + i));
        }
        for (Person person : family) {
            Peer phone = crowd.connect(person, this::hear);
            phone.subscribe();
            phones.add(phone);
        }
        Server.await("all are subscribed", AS_BEFORE, () -> phones.stream().allMatch(Peer::isReady));
        // Cold, a server is slow by itself.
        move(POSITIONS_A_SECOND * SECONDS, () -> {});
    }

    @AfterAll
    void end() {
        crowd.close();
    }

    @ParameterizedTest
    @EnumSource
    void costsTheFamilyNothing(Attack attack) throws Exception {
        int before = server.connections();
        millis.clear();
        List<Long> health = new ArrayList<>();
        List<Long> signUps = new ArrayList<>();
        String answers;
        try (Attackers attackers =
                Attackers.start(server, attack.peers, i -> attack.script.apply(i, mallory.token()))) {
            Thread other = new Thread(() -> {
                long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
                while (System.nanoTime() < end) {
                    health.add(exchange("GET /api/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200"));
                    String body = "{\"family\":\"F\",\"name\":\"Eva\"}";
                    signUps.add(exchange(
                            "POST /api/families HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: "
                                    + body.length() + "\r\n\r\n" + body,
                            "201"));
                    java.util.concurrent.locks.LockSupport.parkNanos(500_000_000);
                }
            });
            other.start();
            move(POSITIONS_A_SECOND * SECONDS, () -> {});
            other.join();
            answers = attackers.answers().toString();
        }
        List<Long> sorted = millis.stream().sorted().toList();
        long p99 = sorted.get((int) (sorted.size() * 0.99));
        System.out.printf(
                "StrangersIT: %s: p50 %d ms, p99 %d ms, health %d ms, signing up %d ms; answers %s%n",
                attack, sorted.get(sorted.size() / 2), p99, Collections.max(health), Collections.max(signUps), answers);
        assertThat(process.handle().isAlive()).isTrue();
        assertThat(p99).as("milliseconds to the family").isLessThanOrEqualTo(LIVE_P99);
        assertThat(health).as("milliseconds to health").allMatch(time -> time <= HEALTH);
        assertThat(signUps).as("milliseconds to sign up").allMatch(time -> time <= SIGN_UP);

        Server.await(
                () -> "everything is as before: " + before + " connections, now " + server.connections(),
                AS_BEFORE,
                () -> server.connections() == before);
        Set<String> kept = family.stream()
                .flatMap(person -> server.history(person, "?limit=5000").stream())
                .map(position -> position.getString("id"))
                .collect(Collectors.toSet());
        assertThat(kept).as("what was acknowledged is kept").containsAll(acknowledged);
        acknowledged.clear();
    }

    @Test
    void aFileComesInBesideSlowOnesOfOthers() throws Exception {
        List<Person> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(server.startFamily("Slow " + i));
        }
        String place = "<trkpt lat=\"1\" lon=\"1\"><time>2020-01-01T00:00:00Z</time></trkpt>";
        String opening = "<gpx version=\"1.1\" creator=\"t\"><trk><trkseg>";
        // Ten times as fast as a file must be.
        try (Attackers attackers = Attackers.start(
                server, others.size(), i -> Script.of((begin(others.get(i), "Content-Length: 100000000\r\n") + opening)
                                .getBytes(StandardCharsets.US_ASCII))
                        .drip(place.repeat(31), Duration.ofMillis(100)))) {
            Server.await("all places are taken", AS_BEFORE, () -> others.stream()
                    .allMatch(other -> server.get("/api/users/" + other.id() + "/imports", other)
                            .response()
                            .body()
                            .contains("running")));
            Person anna = family.get(0);
            Server.await(() -> "a file gets in; " + attackers.answers(), AS_BEFORE, () -> {
                int status = server.post(
                                "/api/users/" + anna.id() + "/imports",
                                anna,
                                opening
                                        + place.replace(
                                                "2020-01-01T00:00:00Z",
                                                Instant.now().toString()) + "</trkseg></trk></gpx>")
                        .status();
                assertThat(status).isIn(200, 503);
                return status == 200;
            });
        }
    }

    @Test
    void whoBreaksOffDuringTheUpgradeIsGone() throws IOException {
        int before = server.connections();
        byte[] upgrade = head("GET", "/ws", UPGRADE + "Authorization: Bearer " + mallory.token() + "\r\n");
        for (int i = 0; i < 300; i++) {
            try (Socket socket = new Socket()) {
                socket.setSoLinger(true, 0);
                socket.connect(new InetSocketAddress(server.host(), server.port()), 10_000);
                socket.getOutputStream().write(upgrade);
                // From before the server sees it until after its answer.
                java.util.concurrent.locks.LockSupport.parkNanos(i % 30 * 100_000L);
            }
        }
        // Those that the container does not miss, the heartbeat finds.
        Server.await(
                () -> before + " connections as before, now " + server.connections(),
                Duration.ofSeconds(60),
                () -> server.connections() == before);
    }

    private static String begin(Person person, String headers) {
        return "POST /api/users/" + person.id() + "/imports HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + person.token() + "\r\n" + headers + "\r\n";
    }

    /** Moves all of them in turn, and waits until everybody has heard all of it. */
    private void move(int positions, Runnable each) {
        int expected = positions * (MEMBERS - 1);
        int before = millis.size();
        long next = System.nanoTime();
        for (int i = 0; i < positions; i++) {
            java.util.concurrent.locks.LockSupport.parkNanos(next - System.nanoTime());
            next += Duration.ofSeconds(1).toNanos() / POSITIONS_A_SECOND;
            sent++;
            double latitude = sent / 1000.0;
            sentAt.put(latitude, System.nanoTime());
            phones.get(sent % MEMBERS)
                    .send(Phone.update(latitude, 3)
                            .add("id", "p" + sent)
                            .add("timestamp", Instant.now().toString())
                            .build()
                            .toString());
            each.run();
        }
        Server.await(
                () -> "everybody hears all; " + (millis.size() - before) + " of " + expected + " were heard",
                AS_BEFORE,
                () -> millis.size() - before >= expected && acknowledged.contains("p" + sent));
    }

    private void hear(JsonObject message) {
        long now = System.nanoTime();
        if (message.getString("type").equals("ack")) {
            acknowledged.add(message.getString("id"));
        } else if (message.getString("type").equals("location:broadcast")) {
            Long since = sentAt.get(message.getJsonNumber("latitude").doubleValue());
            if (since != null) {
                millis.add((now - since) / 1_000_000);
            }
        }
    }

    /** Asks over a connection of its own. @return milliseconds to the whole of the answer */
    private long exchange(String request, String status) {
        long begun = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(server.host(), server.port()), 10_000);
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 " + status);
        } catch (IOException | AssertionError e) {
            System.out.println("StrangersIT: " + request.substring(0, 20) + ": " + e);
            return Integer.MAX_VALUE;
        }
        return (System.nanoTime() - begun) / 1_000_000;
    }

    private static byte[] fields() {
        StringBuilder fields = new StringBuilder(LARGE);
        for (int i = 0; fields.length() < LARGE - 16; i++) {
            fields.append('a').append(i).append("=1&");
        }
        return fields.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] request(String method, String path, String headers, byte[] body) {
        byte[] head = head(method, path, headers + "Content-Length: " + body.length + "\r\n");
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
    }

    private static byte[] many(String path, int times) {
        return new String(head("GET", path, ""), StandardCharsets.US_ASCII)
                .repeat(times)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] head(String method, String path, String headers) {
        return (method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** A masked text frame with a mask of zeros (RFC 6455, 5.2), of at least 126 bytes. */
    private static byte[] frame(boolean last, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(8 + bytes.length)
                .put((byte) (last ? 0x81 : 0x01))
                .put((byte) 0xFE)
                .putShort((short) bytes.length)
                .putInt(0)
                .put(bytes)
                .array();
    }

    /** All of a frame of so many bytes but the last one. */
    private static byte[] half(int size) {
        byte[] frame = frame(true, "4" + "a".repeat(size - 1));
        return java.util.Arrays.copyOf(frame, frame.length - 1);
    }
}
