package org.draugar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.draugar.support.Browser;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Draugar behind an nginx that runs the file people are given, with the ports and the certificate of this test in it.
 * On a server of its own: here somebody guesses codes through the proxy, and so from the address that all tests have.
 */
@SharedServer(settings = {"DRAUGAR_HOST=0.0.0.0", "DRAUGAR_PROXIES=127.0.0.1", "DRAUGAR_URL=" + ReverseProxyIT.PUBLIC})
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReverseProxyIT {
    private static final Path CONFIG = Path.of("server-config/reverse-proxy/nginx.conf");
    static final String PUBLIC = "https://family.example/draugar";
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final int plainPort = freePort();
    private final int tlsPort = freePort();
    private final Server server;
    private Process nginx;
    private HttpClient browser;

    ReverseProxyIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startProxy() throws Exception {
        startProxy(server.port());
    }

    private void startProxy(int behind) throws Exception {
        Path certificate = folder.resolve("certificate.pem");
        Path key = folder.resolve("key.pem");
        assertThat(start(
                                "openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "rsa:2048",
                                "-nodes",
                                "-days",
                                "1",
                                "-subj",
                                "/CN=family.example",
                                "-addext",
                                "subjectAltName=IP:127.0.0.1",
                                "-out",
                                certificate.toString(),
                                "-keyout",
                                key.toString())
                        .waitFor())
                .isZero();
        String site = Files.readString(CONFIG)
                .replaceAll("(?m)^ *listen \\[::\\].*\n", "")
                .replace("listen 80;", "listen 127.0.0.1:" + plainPort + ";")
                .replace("listen 443 ", "listen 127.0.0.1:" + tlsPort + " ")
                .replace("127.0.0.1:3001", "127.0.0.1:" + behind)
                .replace("/etc/letsencrypt/live/family.example/fullchain.pem", certificate.toString())
                .replace("/etc/letsencrypt/live/family.example/privkey.pem", key.toString())
                .replaceAll("(?m)^( *)#(location /family/ \\{|    rewrite .*;|\\})$", "$1$2")
                .replaceAll("/family(?=[/(])", "/draugar")
                .replace(
                        "/var/log/nginx/draugar.log",
                        folder.resolve("error.log").toString());
        // Its own folders are root's.
        String frame = "daemon off; pid %1$s/pid; error_log stderr; events {} http { access_log %1$s/access.log;"
                + " client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;"
                + " uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s; %2$s }";
        Path whole = folder.resolve("nginx.conf");
        Files.writeString(whole, frame.formatted(folder, site));
        nginx = start("nginx", "-c", whole.toString());
        Server.await("nginx listens", SOON, () -> {
            assertThat(nginx.isAlive()).as("nginx runs: %s", said()).isTrue();
            try (Socket socket = new Socket("127.0.0.1", tlsPort)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
        browser = HttpClient.newBuilder().sslContext(trust(certificate)).build();
    }

    @AfterEach
    void stopProxy() throws InterruptedException {
        if (nginx != null) {
            nginx.destroy();
            nginx.waitFor();
            assertThat(said()).as("what nginx says of the file").doesNotContain("[warn]", "[emerg]");
        }
    }

    @Test
    void whileTheServerIsAwayAPageLooksAgain() throws Exception {
        stopProxy();
        startProxy(freePort());
        HttpResponse<String> away = browser.send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + tlsPort + "/"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(away.statusCode()).isEqualTo(502);
        assertThat(away.headers().firstValue("Retry-After")).contains("5");
        assertThat(away.body()).contains("http-equiv=\"refresh\"", "looks again by itself");
    }

    @Test
    void underAPathEveryAddressHasIt() {
        Person anna = server.startFamily("Anna");
        JsonObject invite = server.post("/api/invites", anna, "{}").json();
        assertThat(invite.getString("link"))
                .isEqualTo("https://family.example/draugar/#/join/" + invite.getString("code"));
        for (String app : List.of("owntracks", "traccar", "osmand", "overland", "gpslogger")) {
            JsonObject setUp = server.post("/api/trackers", anna, "{\"app\":\"" + app + "\",\"name\":\"a\"}")
                    .json()
                    .getJsonObject("setUp");
            assertThat(setUp.getString("url")).startsWith("https://family.example/draugar/");
        }
        assertThat(server.send(server.request("/api/family", anna)
                                .header("Origin", "https://family.example")
                                .GET())
                        .response()
                        .headers()
                        .firstValue("Access-Control-Allow-Origin"))
                .contains("https://family.example");
    }

    /** The page, and what it and others are told as addresses, as they are told it. */
    @Test
    void underAPathEverythingWorks() throws Exception {
        Person anna = server.startFamily("Anna");
        String root = "https://127.0.0.1:" + tlsPort;
        String link = answer(request("/draugar/api/invites", anna).POST(BodyPublishers.ofString("{}")))
                .getString("link");
        assertThat(link).startsWith(PUBLIC + "/#/join/");
        assertThat(answer(request("/draugar/api/qr-codes", anna)
                                .POST(BodyPublishers.ofString("{\"text\":\"" + link + "\"}")))
                        .getInt("size"))
                .isPositive();
        try (Browser bjorns = Browser.open(server)) {
            bjorns.devTools(
                    "Security.setIgnoreCertificateErrors",
                    Json.createObjectBuilder().add("ignore", true));
            bjorns.goOutside(link.replace(PUBLIC, root + "/draugar"))
                    .type("#join-name", "Björn")
                    .click("#join-submit")
                    .awaitText("#connection", "Live");
            Tracker tracker = Tracker.add(server, anna, "traccar");
            String qr = tracker.setUp().getString("url");
            assertThat(qr).startsWith(PUBLIC + "/");
            HttpRequest position = HttpRequest.newBuilder(URI.create(qr.replace(PUBLIC, root + "/draugar") + "?id="
                            + tracker.secret() + "&lat=64.1&lon=-21.9&timestamp="
                            + Instant.now().getEpochSecond()))
                    .build();
            assertThat(browser.send(position, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
            bjorns.awaitText("#members", "Anna");
            for (String app : List.of("owntracks", "overland", "gpslogger")) {
                Tracker other = Tracker.add(server, anna, app);
                String path = URI.create(other.setUp().getString("url").replaceFirst("\\?.*", ""))
                        .getPath();
                HttpRequest.Builder nothing = other.request(path.replaceFirst("^/draugar", ""), other.secret());
                HttpRequest through = HttpRequest.newBuilder(URI.create(root + path))
                        .header(
                                "Authorization",
                                nothing.build()
                                        .headers()
                                        .firstValue("Authorization")
                                        .orElseThrow())
                        .POST(BodyPublishers.ofString("[]"))
                        .build();
                assertThat(browser.send(through, BodyHandlers.discarding()).statusCode())
                        .as(path)
                        .isEqualTo(200);
            }
        }
        HttpResponse<String> polling = browser.send(
                request("/draugar/socket.io/?EIO=4&transport=polling", null).build(), BodyHandlers.ofString());
        assertThat(polling.body()).startsWith("0{");
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = browser.newWebSocketBuilder()
                .subprotocols("draugar.v1", "bearer." + anna.token())
                .header("Origin", root)
                .buildAsync(URI.create(root.replace("https", "wss") + "/draugar/ws"), hearing(heard))
                .join();
        socket.sendText("{\"type\":\"ping\"}", true);
        awaitPart(heard, "pong");
        socket.abort();
        String gpx = "<gpx version=\"1.1\"><trk><trkseg><trkpt lat=\"1\" lon=\"1\"><time>"
                + Instant.now().minusSeconds(60) + "</time></trkpt></trkseg></trk></gpx>";
        assertThat(answer(request("/draugar/api/users/" + anna.id() + "/imports?name=a%20b.gpx", anna)
                                .POST(BodyPublishers.ofString(gpx)))
                        .getString("name"))
                .isEqualTo("a b.gpx");
        String next = answer(request("/draugar/api/users/" + anna.id() + "/locations?limit=1", anna))
                .getString("next");
        assertThat(answer(request("/draugar" + next, anna)).getJsonArray("locations"))
                .hasSize(1);
    }

    private JsonObject answer(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = browser.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return Json.createReader(new StringReader(answer.body())).readObject();
    }

    private static WebSocket.Listener hearing(BlockingQueue<String> heard) {
        return new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket webSocket, CharSequence text, boolean last) {
                heard.add(text.toString());
                webSocket.request(1);
                return null;
            }
        };
    }

    @Test
    void everythingComesThrough() throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = browser.newWebSocketBuilder()
                .subprotocols("draugar.v1", "bearer." + bjorn.token())
                .header("Origin", "https://127.0.0.1:" + tlsPort)
                .buildAsync(URI.create("wss://127.0.0.1:" + tlsPort + "/ws"), hearing(heard))
                .join();
        socket.sendText("{\"type\":\"location:subscribe\"}", true);
        socket.sendText("{\"type\":\"ping\"}", true);
        awaitPart(heard, "pong");
        try (Stream<String> lines = browser.send(request("/api/events", bjorn).build(), BodyHandlers.ofLines())
                .body()) {
            Iterator<String> stream = lines.iterator();
            String update = Phone.update(64.1, -21.9).add("id", "a").build().toString();
            HttpRequest post = request("/api/locations", anna)
                    .POST(BodyPublishers.ofString(update))
                    .build();
            assertThat(browser.send(post, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(201);
            awaitPart(heard, "location:broadcast");
            // Comes now, and not when some buffer is full.
            String line = stream.next();
            while (!line.equals("event: location:broadcast")) {
                line = stream.next();
            }
        }
        socket.abort();
    }

    /** The last one: all tests come from the address that is shut out then. */
    @Test
    @Order(Integer.MAX_VALUE)
    void nobodyWhoGuessesPassesForMany() throws Exception {
        int status = 0;
        for (int i = 0; i < 40 && status != 429; i++) {
            HttpRequest guess = request("/api/auth/join", null)
                    .header("X-Forwarded-For", "198.51.100." + i)
                    .POST(BodyPublishers.ofString("{\"code\":\"AAAABBBBCC\",\"name\":\"Eve\"}"))
                    .build();
            status = browser.send(guess, BodyHandlers.discarding()).statusCode();
        }
        assertThat(status).isEqualTo(429);
    }

    @Test
    void yearsOfHistoryComeThroughAndNoAddressIsWrittenDown() throws Exception {
        Person anna = server.startFamily("Anna");
        StringBuilder gpx =
                new StringBuilder("<gpx xmlns=\"http://www.topografix.com/GPX/1/1\" version=\"1.1\"><trk><trkseg>");
        Instant start = Instant.now().minus(Duration.ofDays(7)).truncatedTo(ChronoUnit.SECONDS);
        int points = 40_000;
        for (int i = 0; i < points; i++) {
            gpx.append("<trkpt lat=\"64.1466000\" lon=\"-21.9426000\"><ele>10.000000000</ele><time>")
                    .append(start.plusSeconds(i))
                    .append("</time></trkpt>");
        }
        String file = gpx.append("</trkseg></trk></gpx>").toString();
        assertThat(file.length()).isGreaterThan(4 << 20);
        HttpRequest post = request("/api/users/" + anna.id() + "/imports", anna)
                .POST(BodyPublishers.ofString(file))
                .build();
        HttpResponse<String> answer = browser.send(post, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(server.history(anna, "?limit=5000")).hasSize(5000);

        browser.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plainPort + "/osmand?id=secret"))
                        .build(),
                BodyHandlers.discarding());
        Path log = folder.resolve("access.log");
        assertThat(Files.exists(log) ? Files.readString(log) : "").isEmpty();
    }

    @Test
    void textsArePackedAndEventsAreNot() throws Exception {
        Person anna = server.startFamily("Anna");
        server.store(anna, 100, Instant.now());
        assertThat(packing("/app/main.js", null)).isEqualTo("gzip");
        assertThat(packing("/lib/ol.js", null)).as("once").isEqualTo("gzip");
        assertThat(packing("/api/users/" + anna.id() + "/locations", anna)).isEqualTo("gzip");
        assertThat(packing("/api/events", anna)).isEmpty();
    }

    @Test
    void theCheckupSaysWhatAProxyLacks() throws Exception {
        Person anna = server.startFamily("Anna");
        String checkup = browser.send(
                        request("/api/checkup?now=" + Instant.now(), anna).build(), BodyHandlers.ofString())
                .body();
        assertThat(states(checkup))
                .as("through nginx")
                .containsEntry("tls", "ok")
                .containsEntry("forwarding", "ok")
                .containsEntry("clock", "ok")
                .containsEntry("store", "ok")
                .containsEntry("health", "ok");

        assertThat(states(plain("family.example", "", anna, Instant.now().minusSeconds(3600))))
                .as("through a proxy without TLS that says nothing")
                .containsEntry("tls", "warning")
                .containsEntry("forwarding", "warning")
                .containsEntry("clock", "warning");
        String spoken = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n";
        assertThat(states(plain("family.example", spoken, anna, Instant.now())))
                .as("through one that says everything")
                .containsEntry("tls", "ok")
                .containsEntry("forwarding", "ok");
        assertThat(states(plain("localhost", "", anna, Instant.now())))
                .as("on the server's machine, as DRAUGAR_URL says")
                .containsEntry("tls", "ok")
                .containsEntry("forwarding", "ok");
    }

    private static Map<String, String> states(String checkup) {
        return Json.createReader(new StringReader(checkup)).readObject().getJsonArray("checks").stream()
                .map(JsonValue::asJsonObject)
                .collect(Collectors.toMap(check -> check.getString("check"), check -> check.getString("state")));
    }

    /** The checkup past nginx, with headers that Java's own client does not let one choose. */
    private String plain(String host, String headers, Person person, Instant now) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream()
                    .write(("GET /api/checkup?now=" + now + " HTTP/1.0\r\nHost: " + host + "\r\nAuthorization: Bearer "
                                    + person.token() + "\r\n" + headers + "\r\n")
                            .getBytes(UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
    }

    private String packing(String path, Person person) throws Exception {
        HttpRequest request =
                request(path, person).header("Accept-Encoding", "gzip").build();
        HttpResponse<InputStream> answer = browser.send(request, BodyHandlers.ofInputStream());
        answer.body().close();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().allValues("Content-Encoding")).hasSizeLessThan(2);
        return answer.headers().firstValue("Content-Encoding").orElse("");
    }

    /** The server behind it, which listens on all addresses of the machine, as it does by itself. */
    @Test
    void theServerListensOnIpv6Too() throws Exception {
        if (NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .noneMatch(Inet6Address.class::isInstance)) {
            abort("Skipped: this machine has no IPv6");
        }
        URI health = URI.create("http://[::1]:" + server.port() + "/api/health");
        assertThat(browser.send(HttpRequest.newBuilder(health).build(), BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void whoComesWithoutTlsIsSentToIt() throws Exception {
        HttpResponse<Void> answer = browser.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plainPort + "/"))
                        .build(),
                BodyHandlers.discarding());
        assertThat(answer.statusCode()).isEqualTo(301);
        assertThat(answer.headers().firstValue("Location")).hasValue("https://127.0.0.1/");
    }

    private HttpRequest.Builder request(String path, Person person) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + tlsPort + path));
        return person == null ? request : request.header("Authorization", "Bearer " + person.token());
    }

    private static void awaitPart(BlockingQueue<String> heard, String part) throws InterruptedException {
        String message;
        do {
            message = heard.poll(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(message).as("a message with " + part).isNotNull();
        } while (!message.contains(part));
    }

    private static SSLContext trust(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "draugar", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private Process start(String program, String... arguments) {
        Path path = Stream.of(System.getenv("PATH").split(":", -1), new String[] {"/usr/sbin"})
                .flatMap(Stream::of)
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (path == null) {
            return abort("Skipped: " + program + " is not installed");
        }
        try {
            ProcessBuilder builder = new ProcessBuilder(path.toString());
            builder.command().addAll(java.util.List.of(arguments));
            return builder.redirectErrorStream(true)
                    .redirectOutput(folder.resolve(program + ".log").toFile())
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String said() {
        try {
            return Files.readString(folder.resolve("nginx.log"), UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
