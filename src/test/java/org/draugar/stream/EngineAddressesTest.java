package org.draugar.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.stream.Envelope.Key;
import org.draugar.support.Redis;
import org.draugar.support.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Each kind of address that {@code DRAUGAR_CLUSTER} may have, and what happens when another server becomes the engine. */
class EngineAddressesTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String PASSWORD = "p@ss:word";
    private static final String WRITTEN = "p%40ss%3Aword";

    private final FamilyId family = FamilyId.random();
    private final Key key = new Key("location", MemberId.random());

    @TempDir
    Path folder;

    @Test
    void sentinelsSayWhichServerIsTheEngine() throws IOException {
        String[] locked = {"--requirepass", PASSWORD, "--masterauth", PASSWORD};
        try (Redis first = Redis.start(locked);
                Redis second = Redis.start(with(locked, "--replicaof", "127.0.0.1", "" + first.port()));
                Redis sentinel = Redis.start(sentinel(first).toString(), "--sentinel")) {
            String url = "redis-sentinel://:" + WRITTEN + "@127.0.0.1:1,127.0.0.1:" + sentinel.port() + "/family";
            Server.await("the copy is known to the sentinel", SOON, () -> sentinel.ask("SENTINEL REPLICAS family")
                    .contains(":" + second.port()));
            assertGoesOnAfter(url, first::kill);
        }
    }

    private Path sentinel(Redis master) throws IOException {
        String settings =
                """
                sentinel monitor family 127.0.0.1 %d 1
                sentinel down-after-milliseconds family 1000
                sentinel failover-timeout family 5000
                sentinel auth-pass family %s
                """;
        return Files.writeString(
                folder.resolve("sentinel.conf"), settings.formatted(master.port(), PASSWORD), StandardCharsets.UTF_8);
    }

    private static String[] with(String[] options, String... more) {
        return Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new);
    }

    @Test
    void aRedisClusterSaysWhichOfItsServersIsTheEngine() {
        try (Redis first = Redis.start("--cluster-enabled", "yes");
                Redis second = Redis.start("--cluster-enabled", "yes")) {
            first.ask("CLUSTER ADDSLOTSRANGE 0 8191");
            second.ask("CLUSTER ADDSLOTSRANGE 8192 16383");
            second.ask("CLUSTER MEET 127.0.0.1 " + first.port());
            Server.await("both know the other one", SOON, () -> Stream.of(first, second)
                    .allMatch(redis -> redis.ask("CLUSTER INFO").contains("cluster_state:ok")));
            String url = "redis-cluster://127.0.0.1:" + first.port() + ",127.0.0.1:" + second.port();
            assertGoesOnAfter(url, () -> {
                boolean isFirst = !first.ask("GET {draugar}").startsWith("-MOVED");
                moveSlot(isFirst ? first : second, isFirst ? second : first);
            });
        }
    }

    /** By force: with nothing in it. */
    private static void moveSlot(Redis owner, Redis next) {
        String slot = owner.ask("CLUSTER KEYSLOT draugar")
                .lines()
                .findFirst()
                .orElseThrow()
                .substring(1);
        String id = next.ask("CLUSTER MYID").lines().skip(1).findFirst().orElseThrow();
        assertThat(next.ask("CLUSTER SETSLOT " + slot + " NODE " + id)).startsWith("+OK");
        // It gives a slot away only while it is empty, and nodes write to it all the time.
        Server.await("it is given away", SOON, () -> {
            owner.ask("FLUSHALL");
            return owner.ask("CLUSTER SETSLOT " + slot + " NODE " + id).startsWith("+OK");
        });
    }

    @Test
    @ResourceLock(Resources.SYSTEM_PROPERTIES)
    void tlsIsSpokenToAServerThatIsTrusted() throws Exception {
        assumeTrue(Redis.isInstalled("openssl"), "openssl is not installed");
        run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
                + " -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem");
        run(Path.of(System.getProperty("java.home"), "bin", "keytool")
                + " -importcert -noprompt -alias redis -file cert.pem -keystore trusted.p12 -storepass changeit");
        int port = freePort();
        try (Redis redis = Redis.start(
                "--tls-port",
                "" + port,
                "--tls-cert-file",
                folder.resolve("cert.pem").toString(),
                "--tls-key-file",
                folder.resolve("key.pem").toString(),
                "--tls-auth-clients",
                "no")) {
            String url = "rediss://localhost:" + port;
            try (Engine stranger = RedisStreamTest.engine(url)) {
                Server.await("it is not trusted", SOON, () -> stranger.stream()
                        .trouble()
                        .filter(words -> words.contains("certification path"))
                        .isPresent());
            }
            System.setProperty(
                    "javax.net.ssl.trustStore", folder.resolve("trusted.p12").toString());
            System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
            try {
                assertGoesOnAfter(url, () -> {
                    redis.kill();
                    redis.restart();
                });
            } finally {
                System.clearProperty("javax.net.ssl.trustStore");
                System.clearProperty("javax.net.ssl.trustStorePassword");
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void run(String command) throws Exception {
        Process process = new ProcessBuilder(command.split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** Two nodes hear each other, before something happens to the engine and after it, and offsets go on. */
    private void assertGoesOnAfter(String url, Runnable change) {
        try (Engine engine = RedisStreamTest.engine(url);
                Engine other = RedisStreamTest.engine(url)) {
            FollowerLog log = new FollowerLog();
            awaitUp(engine, other);
            other.stream().follow(family, log).toCompletableFuture().join();
            long before = append(engine, "{\"n\":1}");
            log.await(1);
            change.run();
            long[] after = {0};
            Server.await("it goes on", SOON, () -> {
                after[0] = tryAppend(engine, "{\"n\":2}");
                return after[0] != 0;
            });
            Server.await(
                    "the other node has heard it",
                    SOON,
                    () -> log.payloads().contains("{\"n\":2}")
                            || log.gaps().stream().anyMatch(gap -> gap[1] >= after[0]));
            assertThat(after[0]).isGreaterThan(before);
            assertThat(log.offsets()).isSorted().doesNotHaveDuplicates();
        }
    }

    private static void awaitUp(Engine... engines) {
        Server.await("all are connected", SOON, () -> Stream.of(engines)
                .allMatch(engine -> engine.stream().trouble().isEmpty()));
    }

    private long append(Engine engine, String payload) {
        Outcome outcome = new Outcome();
        engine.stream()
                .append(
                        Envelope.shared(family, "location:broadcast", payload, key, DeviceId.random(), 7, null),
                        outcome);
        return outcome.await();
    }

    /** @return its place, or 0 while the engine is away */
    private long tryAppend(Engine engine, String payload) {
        try {
            return append(engine, payload);
        } catch (RuntimeException e) {
            return 0;
        }
    }
}
