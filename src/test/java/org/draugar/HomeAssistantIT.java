package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Positions on their way to a Home Assistant, at the one origin that the build's server may send to. */
@SharedServer
class HomeAssistantIT {
    private static final int PORT = 28123;
    private static final String WEBHOOK = "http://127.0.0.1:" + PORT + "/api/webhook/anna-5f2c";

    private final BlockingQueue<String> posted = new LinkedBlockingQueue<>();
    private volatile int status = 200;

    private final Server server;
    private Person anna;
    private HttpServer home;

    HomeAssistantIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void open() throws Exception {
        anna = server.startFamily("Anna");
        home = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), 0);
        home.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            posted.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
            if (status == 302) {
                exchange.getResponseHeaders().set("Location", "/elsewhere");
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        home.start();
    }

    @AfterEach
    void close() {
        server.delete("/api/webhook", anna);
        home.stop(0);
    }

    @Test
    void theNewestPositionGoesThere() throws Exception {
        assertThat(set(WEBHOOK).status()).isEqualTo(200);
        share(64.1466, 0);
        JsonObject data = next();
        assertThat(data.getJsonArray("gps")).hasToString("[64.1466,-21.9426]");
        assertThat(data.get("gps_accuracy")).hasToString("13");
        assertThat(data.get("battery")).hasToString("84");
        assertThat(data.get("speed")).hasToString("1.5");
        share(1, -60);
        share(2, 1);
        assertThat(next().getJsonArray("gps")).as("nothing older").hasToString("[2.0,-21.9426]");
        server.delete("/api/webhook", anna);
        share(3, 2);
        assertThat(set(WEBHOOK).status()).isEqualTo(200);
        share(4, 3);
        assertThat(next().getJsonArray("gps")).hasToString("[4.0,-21.9426]");
    }

    @Test
    void whatDoesNotArriveIsTriedAgainAndNobodyLiveWaits() throws Exception {
        Person bjorn = server.join(anna, "Björn");
        set(WEBHOOK);
        status = 500;
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.subscribe();
            share(1, 0);
            assertThat(phone.hear("location:broadcast").getInt("latitude")).isEqualTo(1);
        }
        next();
        Server.await("the reason", Duration.ofSeconds(10), () -> server.get("/api/webhook", anna)
                .json()
                .getString("trouble", "")
                .contains("500"));
        status = 200;
        assertThat(next().getJsonArray("gps")).as("the same again").hasToString("[1.0,-21.9426]");
        Server.await("it works again", Duration.ofSeconds(10), () -> !server.get("/api/webhook", anna)
                .json()
                .containsKey("trouble"));
    }

    @Test
    void aWebhookThatIsGoneIsTriedNoMore() throws Exception {
        set(WEBHOOK);
        status = 410;
        share(1, 0);
        next();
        Server.await("the reason", Duration.ofSeconds(10), () -> server.get("/api/webhook", anna)
                .json()
                .getString("trouble", "")
                .contains("no longer"));
        share(2, 1);
        status = 200;
        set(WEBHOOK);
        share(3, 2);
        assertThat(next().getJsonArray("gps")).hasToString("[3.0,-21.9426]");
    }

    @Test
    void nothingGoesThereOfWhoIsPaused() throws Exception {
        set(WEBHOOK);
        status = 500;
        share(1, 0);
        next();
        // It would be tried again, but for the pause.
        server.send(server.request("/api/pause", anna).PUT(BodyPublishers.ofString("")));
        status = 200;
        assertThat(server.post(
                                "/api/locations",
                                anna,
                                Phone.update(2, 2).build().toString())
                        .status())
                .isEqualTo(200);
        server.delete("/api/pause", anna);
        share(3, 60);
        assertThat(next().getJsonArray("gps")).hasToString("[3.0,-21.9426]");
    }

    @Test
    void noRedirectIsFollowed() throws Exception {
        set(WEBHOOK);
        status = 302;
        share(1, 0);
        assertThat(posted.poll(10, TimeUnit.SECONDS)).startsWith("POST /api/webhook/");
        Server.await("the reason", Duration.ofSeconds(10), () -> server.get("/api/webhook", anna)
                .json()
                .getString("trouble", "")
                .contains("302"));
        assertThat(posted).noneMatch(request -> request.contains("/elsewhere"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:28124/api/webhook/x",
                "http://localhost:28123/api/webhook/x",
                "https://127.0.0.1:28123/api/webhook/x",
                "http://127.0.0.1:28123/api/webhook/../admin",
                "http://127.0.0.1:28123/api/webhook/",
                "http://127.0.0.1:28123/",
                "http://127.0.0.1:28123@192.0.2.1/api/webhook/x",
                "http://a@127.0.0.1:28123/api/webhook/x",
                "http://127.0.0.1:28123/api/webhook/x?y",
                "http://127.0.0.1:28123/api/webhook/x#y",
                "file:///etc/passwd",
                "nonsense",
                ""
            })
    void itGoesNowhereElse(String elsewhere) {
        Answer answer = set(elsewhere);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("message")).contains("http://127.0.0.1:28123");
        assertThat(server.get("/api/webhook", anna).json().containsKey("url")).isFalse();
    }

    private Answer set(String webhook) {
        return server.send(server.request("/api/webhook", anna)
                .PUT(BodyPublishers.ofString(
                        Json.createObjectBuilder().add("url", webhook).build().toString())));
    }

    private void share(double latitude, int seconds) {
        assertThat(server.post(
                                "/api/locations",
                                anna,
                                Phone.update(latitude, -21.9426)
                                        .add("battery", 0.836)
                                        .add("speed", 1.5)
                                        .add(
                                                "timestamp",
                                                Instant.now()
                                                        .plusSeconds(seconds)
                                                        .toString())
                                        .build()
                                        .toString())
                        .status())
                .isEqualTo(201);
    }

    /** What comes next to the webhook. */
    private JsonObject next() throws InterruptedException {
        String request = posted.poll(10, TimeUnit.SECONDS);
        assertThat(request).isNotNull().startsWith("POST /api/webhook/anna-5f2c {");
        JsonObject message = Json.createReader(new StringReader(request.substring(request.indexOf('{'))))
                .readObject();
        assertThat(message.getString("type")).isEqualTo("update_location");
        return message.getJsonObject("data");
    }
}
