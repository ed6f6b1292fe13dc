package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.draugar.client.DraugarClient;
import org.draugar.client.Position;
import org.draugar.support.CuttingProxy;
import org.draugar.support.EventStream;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.PhoneApp;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The phone app that existed before: the unmodified socket.io-client, with the app's own options. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class PhoneAppIT {
    private static final int CUTS = Extent.of("PhoneAppIT: cuts", 200, 1000);

    @TempDir
    Path folder;

    private final PhoneApp app = PhoneApp.start();
    private final Server server;
    private Person anna;
    private Person bjorn;

    PhoneAppIT(Server server) {
        this.server = server;
    }

    /** The app's field takes eight characters and cuts off the rest; so does this. */
    private Person joinAsTheAppDoes(Person admin, String name) {
        String typed = server.invite(admin).toLowerCase(java.util.Locale.ROOT);
        String cut = typed.substring(0, Math.min(8, typed.length()));
        assertThat(server.post("/api/invites/validate", null, "{\"code\":\"" + cut + "\"}")
                        .json()
                        .getBoolean("valid"))
                .isTrue();
        return server.join(cut, name);
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = joinAsTheAppDoes(anna, "Björn");
    }

    @AfterEach
    void close() {
        app.close();
    }

    private static JsonObject position(double latitude) {
        return Json.createObjectBuilder()
                .add("latitude", latitude)
                .add("longitude", -21.9426)
                .add("accuracy", 12.5)
                .add("timestamp", Instant.now().toString())
                .build();
    }

    private static JsonObject encrypted(String ciphertext) {
        return Json.createObjectBuilder()
                .add("v", 1)
                .add("n", "n".repeat(32))
                .add("c", ciphertext.repeat(22))
                .build();
    }

    private static JsonObjectBuilder transports(Person person, String... names) {
        return PhoneApp.options(person).add("transports", Json.createArrayBuilder(List.of(names)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket,polling", "polling", "websocket", "polling,websocket"})
    void letsInOnlyWhoHasAToken(String transports) {
        String[] names = transports.split(",");
        app.connect("nobody", server, transports(null, names));
        assertThat(app.hear("nobody", "connect_error").getString("message")).isEqualTo("Authentication required");
        app.connect("stranger", server, transports(new Person("abc", "", ""), names));
        assertThat(app.hear("stranger", "connect_error").getString("message")).isEqualTo("Invalid token");
        app.connect("anna", server, transports(anna, names));
        String transport = app.hear("anna", "connect").getString("transport");
        if (!transports.equals("polling,websocket")) {
            assertThat(transport).isEqualTo(names[0]);
        } else if (!transport.equals("websocket")) {
            // On a fast day it has moved before it is let in.
            assertThat(transport).isEqualTo("polling");
            assertThat(app.hear("anna", "upgrade").getString("transport")).isEqualTo("websocket");
        }
    }

    @Test
    void refusesPagesOfAForeignOrigin() {
        String origin = "https://eve.example";
        Server.Answer refused = server.send(server.request("/socket.io/?EIO=4&transport=polling", null)
                .header("Origin", origin)
                .GET());
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.response().body())
                .startsWith("{\"code\":4,\"message\":\"")
                .contains("DRAUGAR_ORIGINS");
        assertThat(refused.response().headers().map()).doesNotContainKey("access-control-allow-origin");
        URI socket =
                URI.create("ws://" + server.host() + ":" + server.port() + "/socket.io/?EIO=4&transport=websocket");
        assertThatThrownBy(() -> HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .header("Origin", origin)
                        .buildAsync(socket, new WebSocket.Listener() {})
                        .join())
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        thrown -> assertThat(thrown.getResponse().statusCode()).isEqualTo(403));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket,polling", "polling", "polling,websocket"})
    void sharesPositionsOnEachTransport(String transports) {
        String[] names = transports.split(",");
        app.connect("anna", server, transports(anna, names)).hear("anna", "connect");
        app.connect("bjorn", server, transports(bjorn, names)).hear("bjorn", "connect");
        assertThat(app.hearObject("anna", "user:online").getString("userId")).isEqualTo(bjorn.id());
        app.ask("bjorn", "location:subscribe");
        assertThat(app.hearObject("bjorn", "answer").getBoolean("ok")).isTrue();

        JsonObject sent = position(64.1466);
        app.ask("anna", "location:update", sent);
        assertThat(app.hearObject("anna", "answer"))
                .isEqualTo(Json.createObjectBuilder().add("ok", true).build());
        JsonObject heard = app.hearObject("bjorn", "location:broadcast");
        assertThat(heard.getString("userId")).isEqualTo(anna.id());
        assertThat(heard.getString("name")).isEqualTo("Anna");
        assertThat(heard).containsAllEntriesOf(sent);

        app.emit("anna", "location:update", encrypted("c"));
        JsonObject secret = app.hearObject("bjorn", "location:broadcast");
        assertThat(secret.keySet()).containsExactlyInAnyOrder("senderId", "senderName", "payload");
        assertThat(secret.getString("senderId")).isEqualTo(anna.id());
        assertThat(secret.getString("senderName")).isEqualTo("Anna");
        assertThat(secret.getJsonObject("payload")).isEqualTo(encrypted("c"));

        app.ask("bjorn", "location:unsubscribe").hear("bjorn", "answer");
        app.ask("anna", "location:update", position(3)).hear("anna", "answer");
        app.disconnect("anna");
        assertThat(app.hear("bjorn").getString("event")).isEqualTo("user:offline");
    }

    @Test
    void aPlainAndAnEncryptedSenderAreBothInTheSnapshot() {
        Person carla = server.join(anna, "Carla");
        app.connect("anna", server, PhoneApp.options(anna)).hear("anna", "connect");
        app.ask("anna", "location:update", encrypted("a")).hear("anna", "answer");
        app.connect("bjorn", server, PhoneApp.options(bjorn)).hear("bjorn", "connect");
        app.ask("bjorn", "location:update", position(1)).hear("bjorn", "answer");
        app.connect("carla", server, PhoneApp.options(carla)).hear("carla", "connect");
        app.emit("carla", "location:subscribe");
        assertThat(app.hearObject("carla", "location:broadcast").getJsonObject("payload"))
                .isEqualTo(encrypted("a"));
        assertThat(app.hearObject("carla", "location:broadcast").getString("userId"))
                .isEqualTo(bjorn.id());
        // And kept: each as what it is.
        assertThat(server.get("/api/users/" + anna.id() + "/locations", bjorn)
                        .json()
                        .getJsonArray("locations")
                        .getJsonObject(0)
                        .getJsonObject("payload"))
                .isEqualTo(encrypted("a"));
    }

    @Test
    void aFamilyMeetsThroughFourDoors() {
        Person carla = server.join(anna, "Carla");
        Person david = server.join(anna, "David");
        Person script = server.join(anna, "Script");
        app.connect("polling", server, transports(anna, "polling")).hear("polling", "connect");
        app.ask("polling", "location:subscribe").hear("polling", "answer");
        app.connect("websocket", server, transports(bjorn, "websocket")).hear("websocket", "connect");
        app.ask("websocket", "location:subscribe").hear("websocket", "answer");
        try (Phone phone = Phone.connect(server, carla);
                EventStream stream = EventStream.open(server, david, null)) {
            phone.subscribe();
            app.ask("polling", "location:update", position(1)).hear("polling", "answer");
            assertThat(latitude(app.hearObject("websocket", "location:broadcast")))
                    .isEqualTo(1);
            assertThat(latitude(phone.hear("location:broadcast"))).isEqualTo(1);
            app.ask("websocket", "location:update", position(2)).hear("websocket", "answer");
            assertThat(latitude(app.hearObject("polling", "location:broadcast")))
                    .isEqualTo(2);
            assertThat(latitude(phone.hear("location:broadcast"))).isEqualTo(2);
            phone.send(Phone.update(3, 0).add("id", "a"));
            phone.hear("ack");
            assertThat(server.post("/api/locations", script, position(4).toString())
                            .status())
                    .isEqualTo(201);
            for (String who : List.of("polling", "websocket")) {
                assertThat(latitude(app.hearObject(who, "location:broadcast"))).isEqualTo(3);
                assertThat(latitude(app.hearObject(who, "location:broadcast"))).isEqualTo(4);
            }
            assertThat(latitude(phone.hear("location:broadcast"))).isEqualTo(4);
            assertThat(IntStream.rangeClosed(1, 4)
                            .mapToDouble(i ->
                                    latitude(stream.next("location:broadcast").data())))
                    .containsExactly(1.0, 2.0, 3.0, 4.0);
        }
    }

    private static double latitude(JsonObject broadcast) {
        return broadcast.getJsonNumber("latitude").doubleValue();
    }

    @Test
    void saysWhatIsWrong() {
        app.connect("anna", server, PhoneApp.options(anna)).hear("anna", "connect");
        app.emit("anna", "location:update", position(91));
        assertThat(app.hearObject("anna", "error").getString("message"))
                .isEqualTo("latitude: expected a number from -90 to 90");
        app.ask("anna", "location:update", position(91));
        JsonObject answer = app.hearObject("anna", "answer");
        assertThat(answer.getBoolean("ok")).isFalse();
        assertThat(answer.getString("message")).isEqualTo("latitude: expected a number from -90 to 90");
        app.emit("anna", "location:update");
        assertThat(app.hearObject("anna", "error").getString("message"))
                .isEqualTo("location:update: expected a position");
        app.emit("anna", "location:update", Json.createValue("here"));
        assertThat(app.hearObject("anna", "error").getString("message")).isEqualTo("expected one JSON object");
        app.emit("anna", "location:guess", position(1));
        assertThat(app.hearObject("anna", "error").getString("message")).startsWith("event: expected location:update,");
        app.emit("anna", "location:update", encrypted("a".repeat(300)));
        assertThat(app.hearObject("anna", "error").getString("message")).isEqualTo("expected at most 4096 bytes");
        // And is still there.
        app.ask("anna", "location:update", position(1));
        assertThat(app.hearObject("anna", "answer").getBoolean("ok")).isTrue();
        for (int i = 0; i < 10; i++) {
            app.emit("anna", "location:guess");
        }
        assertThat(app.hear("anna", "disconnect").getString("reason")).isNotEqualTo("io server disconnect");
    }

    @Test
    void nothingIsToldOfWhoIsPaused() {
        app.connect("anna", server, PhoneApp.options(anna)).hear("anna", "connect");
        app.connect("bjorn", server, PhoneApp.options(bjorn)).hear("bjorn", "connect");
        app.ask("bjorn", "location:subscribe").hear("bjorn", "answer");
        server.send(server.request("/api/pause", anna).PUT(BodyPublishers.ofString("{\"hours\":1}")));
        assertThat(app.hearObject("bjorn", "user:paused").getString("userId")).isEqualTo(anna.id());
        app.hear("anna", "user:paused");
        app.emit("anna", "location:update", position(1));
        app.ask("anna", "location:update", position(1));
        JsonObject answer = app.hear("anna").getJsonArray("args").getJsonObject(0);
        assertThat(answer.getBoolean("ok")).isFalse();
        assertThat(answer.getString("code")).isEqualTo("paused");
        app.connect("late", server, PhoneApp.options(bjorn)).hear("late", "user:paused");
        server.delete("/api/pause", anna);
        assertThat(app.hear("bjorn").getString("event")).isEqualTo("user:resumed");
        app.ask("anna", "location:update", position(2));
        assertThat(app.hearObject("anna", "answer").getBoolean("ok")).isTrue();
        assertThat(latitude(app.hearObject("bjorn", "location:broadcast"))).isEqualTo(2);
    }

    @Test
    void endsWithinASecondWhenADeviceIsSignedOut() {
        for (String transport : List.of("polling", "websocket")) {
            Person carla = server.join(anna, "Carla");
            app.connect(transport, server, transports(carla, transport)).hear(transport, "connect");
            assertThat(server.post("/api/auth/leave", carla, "").status()).isBetween(200, 204);
            assertThat(app.hear(transport, "disconnect").getString("reason")).isEqualTo("io server disconnect");
        }
    }

    @Test
    void comesBackAfterTheServerRestarts() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Map<String, String> settings = Map.of(
                "DRAUGAR_PORT", Integer.toString(port),
                "DRAUGAR_DATA", folder.resolve("data").toString(),
                "DRAUGAR_SIGNUP", "open");
        Person carla;
        Person david;
        try (ServerProcess first = ServerProcess.start(folder.resolve("server"), settings)) {
            Server own = first.awaitReady();
            carla = own.startFamily("Carla");
            david = own.join(carla, "David");
            app.connect("carla", own, PhoneApp.options(carla)).hear("carla", "connect");
            app.connect("david", own, PhoneApp.options(david)).hear("david", "connect");
            app.ask("david", "location:subscribe").hear("david", "answer");
            app.emit("carla", "location:update", position(1)).hearObject("david", "location:broadcast");
            first.stop();
            assertThat(app.hear("david", "disconnect").getString("reason")).isNotEqualTo("io server disconnect");
            // It hangs up before it writes what came last, and is not to be killed meanwhile.
            first.awaitExit();
        }
        try (ServerProcess second = ServerProcess.start(folder.resolve("server"), settings)) {
            second.awaitReady();
            assertThat(app.hear("david", "connect").getBoolean("recovered")).isFalse();
            app.hear("carla", "connect");
            app.emit("david", "location:subscribe");
            assertThat(latitude(app.hearObject("david", "location:broadcast"))).isEqualTo(1);
        }
    }

    @Test
    void hearsWhatItMissedWhenItComesBack() {
        List<Integer> heard = new ArrayList<>();
        try (CuttingProxy network = new CuttingProxy(server.port(), CUTS, 600, 6000);
                DraugarClient sender = DraugarClient.builder(server.ws(), anna.token())
                        .subscribe(false)
                        .start()) {
            sender.send(numbered(0)).join();
            app.connect(
                    "bjorn",
                    server.through(network.port()),
                    PhoneApp.options(bjorn)
                            .add("timeout", 500)
                            .add("reconnectionDelay", 5)
                            .add("reconnectionDelayMax", 50)
                            .add("transports", Json.createArrayBuilder().add("websocket")));
            List<CompletableFuture<Void>> promises = new ArrayList<>();
            int sent = 0;
            int recoveries = 0;
            while (network.left() > 0 || heard.size() <= sent) {
                JsonObject event = app.hear("bjorn");
                if (event.getString("event").equals("connect")) {
                    if (event.getBoolean("recovered")) {
                        recoveries++;
                    } else {
                        assertThat(heard).as("nothing to come back to").isEmpty();
                        app.emit("bjorn", "location:subscribe");
                    }
                } else if (event.getString("event").equals("location:broadcast")) {
                    int number = event.getJsonArray("args").getJsonObject(0).getInt("altitude");
                    if (number == 0 && heard.equals(List.of(0))) {
                        // Cut off before anything came, it has asked twice: the client keeps what could not be sent.
                        continue;
                    }
                    heard.add(number);
                    if (network.left() > 0) {
                        promises.add(sender.send(numbered(++sent)));
                        promises.add(sender.send(numbered(++sent)));
                    }
                }
            }
            assertThat(heard).isEqualTo(IntStream.rangeClosed(0, sent).boxed().toList());
            promises.forEach(CompletableFuture::join);
            System.out.printf(
                    "PhoneAppIT: %d cuts, %d recoveries, %d positions by Socket.IO, 0 lost, 0 twice, in order%n",
                    CUTS, recoveries, sent + 1);
        }
    }

    private static Position numbered(int number) {
        return new Position(64, -21, Instant.now(), null, (double) number, null, null, null, null, null);
    }
}
