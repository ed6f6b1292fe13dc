package org.draugar.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.draugar.outbound.Outbound.Answer;
import org.draugar.outbound.Outbound.Refused;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses that members name, all of them hostile: real sockets, real TLS. */
class OutboundTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final byte[] BODY = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final AtomicInteger lookUps = new AtomicInteger();
    private Outbound outbound;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        outbound = outbound(SSLContext.getDefault(), PATIENCE);
    }

    private Outbound outbound(SSLContext trusting, Duration patience) {
        Outbound made = new Outbound(trusting, this::lookUp, patience);
        made.start(Thread::new, timer);
        return made;
    }

    /** A name of an attacker's: whoever looks a second time is led inside. */
    private InetAddress[] lookUp(String host) throws UnknownHostException {
        boolean again = lookUps.incrementAndGet() > 1;
        return new InetAddress[] {InetAddress.getByName(again ? "127.0.0.2" : "127.0.0.1")};
    }

    @AfterEach
    void stop() {
        outbound.stop();
        timer.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.1.2.3",
                "100.64.0.1",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.2.1",
                "192.168.178.1",
                "198.18.0.1",
                "224.0.0.1",
                "239.255.255.250",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::a00:1",
                "2002:7f00:1::",
                "2002:c0a8:101::1",
                "2001::1",
                "2001:db8::1",
                "fc00::1",
                "fd12:3456::1",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void theInsideIsNotTheInternet(String address) throws Exception {
        assertThat(Addresses.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "100.63.255.255",
                "100.128.0.1",
                "172.15.0.1",
                "172.32.0.1",
                "192.167.0.1",
                "2606:4700::1111",
                "2a00:1450::1",
                "64:ff9b::101:101",
                "2002:101:101::1",
                "::ffff:1.1.1.1"
            })
    void theInternetIs(String address) throws Exception {
        assertThat(Addresses.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://push.example/a",
                "ftp://push.example/",
                "https://user@push.example/",
                "https://push.example/#a",
                "https:///a",
                "https://push.example/a b",
                "https://push.example/a\r\nX: y",
                "push.example",
                ""
            })
    void otherUrlsAreNone(String url) {
        assertThat(Outbound.url(url, Set.of("http://127.0.0.1:8080"))).isEmpty();
        assertThat(Outbound.url("https://push.example/" + "a".repeat(1024), Set.of()))
                .isEmpty();
    }

    @Test
    void namedOriginsMayDoWithoutTls() {
        assertThat(Outbound.url("http://127.0.0.1:8080/a?b", Set.of("http://127.0.0.1:8080")))
                .isPresent();
        assertThat(Outbound.url("HTTPS://push.example", Set.of())).isPresent();
    }

    @Test
    void nobodyIsSentInside() throws Exception {
        try (ServerSocket inside = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            inside.setSoTimeout(200);
            URI url = URI.create("https://push.example:" + inside.getLocalPort() + "/");
            assertThatThrownBy(() -> outbound.post(url, Map.of(), BODY, Set.of("https://push.example")))
                    .isInstanceOf(Refused.class);
            assertThatThrownBy(inside::accept).as("nobody has come").isInstanceOf(IOException.class);
        }
    }

    /** It is connected to the address that was looked at, not to the one that the name stands for a moment later. */
    @Test
    void aNameIsLookedUpOnce() throws Exception {
        assertThat(answerTo("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"))
                .isEqualTo(new Answer(201, null));
        assertThat(lookUps).hasValue(1);
    }

    @Test
    void noRedirectIsFollowedAndNoBodyRead() throws Exception {
        assertThat(answerTo("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n" + "x".repeat(500_000)))
                .isEqualTo(new Answer(302, null));
        assertThat(answerTo("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.0 204\r\n\r\n"))
                .isEqualTo(new Answer(204, null));
    }

    @Test
    void itSaysForHowLongItWantsToBeLeftAlone() throws Exception {
        assertThat(answerTo("HTTP/1.1 429 Too Many Requests\r\nretry-after: 120\r\n\r\n"))
                .isEqualTo(new Answer(429, Duration.ofSeconds(120)));
        assertThat(answerTo("HTTP/1.1 503 No\r\nRetry-After: 999999999\r\n\r\n").retryAfter())
                .as("no longer than anything is worth telling")
                .isEqualTo(Duration.ofHours(12));
        assertThat(answerTo("HTTP/1.1 429 No\r\nRetry-After: -1\r\n\r\n").retryAfter())
                .isNull();
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(600).atOffset(ZoneOffset.UTC));
        assertThat(answerTo("HTTP/1.1 429 No\r\nRetry-After: " + date + "\r\n\r\n")
                        .retryAfter())
                .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense\r\n\r\n", "HTTP/1.1 999 No\r\n\r\n", "HTTP/1.1 200 OK\r\n"})
    void whatIsNoAnswerIsNone(String answer) {
        assertThatThrownBy(() -> answerTo(answer)).isInstanceOf(IOException.class);
    }

    @Test
    void anEndlessHeadIsReadNoFurther() {
        assertThatThrownBy(() -> answerTo("HTTP/1.1 200 OK\r\nX: " + "x".repeat(100_000)))
                .hasMessageContaining("too long");
    }

    @Test
    void whoDripsOrSaysNothingIsLeft() throws Exception {
        for (boolean drips : new boolean[] {true, false}) {
            try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
                Thread peer = new Thread(() -> {
                    try (Socket socket = server.accept()) {
                        OutputStream out = socket.getOutputStream();
                        while (socket.getInputStream().read() >= 0) {
                            if (drips) {
                                out.write("x".getBytes(StandardCharsets.US_ASCII));
                                out.flush();
                            }
                        }
                        while (drips) {
                            TimeUnit.MILLISECONDS.sleep(50);
                            out.write('x');
                        }
                    } catch (IOException | InterruptedException e) {
                        // The other side has left.
                    }
                });
                peer.start();
                lookUps.set(0);
                String origin = "http://push.example:" + server.getLocalPort();
                long start = System.nanoTime();
                assertThatThrownBy(() -> outbound.post(URI.create(origin + "/"), Map.of(), BODY, Set.of(origin)))
                        .isInstanceOf(IOException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE.multipliedBy(3));
            }
        }
    }

    /** The request as it arrives, and the certificate of the name that was asked for. */
    @Test
    void speaksHttpsToWhoeverHasTheNamesCertificate() throws Exception {
        SSLContext tls = tls("push.example");
        HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        String[] heard = new String[1];
        server.createContext("/", exchange -> {
            heard[0] = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Host") + " "
                    + exchange.getRequestHeaders().getFirst("TTL") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(201, -1);
            exchange.close();
        });
        server.start();
        try {
            int port = server.getAddress().getPort();
            String origin = "https://push.example:" + port;
            Outbound trusting = outbound(tls, PATIENCE.multipliedBy(10));
            Outbound strict = outbound(SSLContext.getDefault(), PATIENCE.multipliedBy(10));
            assertThat(trusting.post(URI.create(origin + "/a?b=c"), Map.of("TTL", "60"), BODY, Set.of(origin)))
                    .isEqualTo(new Answer(201, null));
            assertThat(heard[0]).isEqualTo("POST /a?b=c push.example:" + port + " 60 {\"a\":1}");
            lookUps.set(0);
            String other = "https://other.example:" + port;
            assertThatThrownBy(() -> trusting.post(URI.create(other + "/"), Map.of(), BODY, Set.of(other)))
                    .isInstanceOf(SSLException.class);
            lookUps.set(0);
            assertThatThrownBy(() -> strict.post(URI.create(origin + "/"), Map.of(), BODY, Set.of(origin)))
                    .as("nobody vouches for it")
                    .isInstanceOf(SSLException.class);
            trusting.stop();
            strict.stop();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void slowPlacesCostOthersNothing() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Runnable hangs = () -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        for (int i = 0; i < 100; i++) {
            outbound.run("owner " + i, "one place", hangs, () -> {});
        }
        for (int i = 0; i < 4; i++) {
            outbound.run("one owner", "place " + i, hangs, () -> {});
        }
        assertThatThrownBy(() -> outbound.run("one owner", "place 4", hangs, () -> {}))
                .isInstanceOf(RejectedExecutionException.class);
        CountDownLatch done = new CountDownLatch(1);
        outbound.run("anna", "push.example", () -> {}, done::countDown);
        assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
        end.countDown();
    }

    private SSLContext tls(String name) throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "a",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:" + name,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "password")
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, "password".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "password".toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("a", keys.getCertificate("a"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** What is made of an answer, whoever gives it. */
    private Answer answerTo(String answer) throws Exception {
        lookUps.set(0);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            Thread peer = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // The other side has read enough.
                }
            });
            peer.start();
            String origin = "http://push.example:" + server.getLocalPort();
            try {
                return outbound.post(URI.create(origin + "/"), Map.of(), BODY, Set.of(origin));
            } finally {
                peer.join();
            }
        }
    }
}
