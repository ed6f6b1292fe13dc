package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonObject;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.PhoneApp;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The native WebSocket: what a device may say, what it hears, and how the server ends a connection. */
@SharedServer
class LiveIT {
    private static final Duration A_SECOND = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Server server;

    LiveIT(Server server) {
        this.server = server;
    }

    @Test
    void aPositionReachesTheRestOfTheFamily() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            annas.subscribe();
            annas.send(Phone.update(64.1466, -21.9426)
                    .add("timestamp", "2026-11-23T08:00:00.000Z")
                    .add("speed", 1.5)
                    .add("bearing", 270)
                    .add("altitude", 12)
                    .add("battery", 0.5)
                    .add("charging", true)
                    .add("activity", "walking")
                    .add("userId", "somebody-else"));

            JsonObject heard = bjorns.hear("location:broadcast");
            assertThat(heard.getString("userId")).isEqualTo(anna.id());
            assertThat(heard.getString("name")).isEqualTo("Anna");
            assertThat(heard.getJsonNumber("latitude").doubleValue()).isEqualTo(64.1466);
            assertThat(heard.getJsonNumber("longitude").doubleValue()).isEqualTo(-21.9426);
            assertThat(heard.getJsonNumber("accuracy").doubleValue()).isEqualTo(12.5);
            assertThat(Instant.parse(heard.getString("timestamp"))).isEqualTo("2026-11-23T08:00:00Z");
            assertThat(heard.getJsonNumber("speed").doubleValue()).isEqualTo(1.5);
            assertThat(heard.getJsonNumber("bearing").doubleValue()).isEqualTo(270);
            assertThat(heard.getJsonNumber("altitude").doubleValue()).isEqualTo(12);
            assertThat(heard.getJsonNumber("battery").doubleValue()).isEqualTo(0.5);
            assertThat(heard.getBoolean("charging")).isTrue();
            assertThat(heard.getString("activity")).isEqualTo("walking");
            assertThat(heard.getJsonNumber("offset").longValue()).isPositive();
            assertThat(annas.flush()).as("a device does not hear itself").isEmpty();
        }
    }

    @Test
    void anEncryptedPositionIsCarriedAsItIs() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            String n = "n".repeat(32);
            String c = "c-_9".repeat(40);
            annas.send("{\"type\":\"location:update\",\"v\":1,\"n\":\"" + n + "\",\"c\":\"" + c + "\"}");

            JsonObject heard = bjorns.hear("location:broadcast");
            assertThat(heard.getString("senderId")).isEqualTo(anna.id());
            assertThat(heard.getString("senderName")).isEqualTo("Anna");
            assertThat(heard.getJsonObject("payload").getInt("v")).isEqualTo(1);
            assertThat(heard.getJsonObject("payload").getString("n")).isEqualTo(n);
            assertThat(heard.getJsonObject("payload").getString("c")).isEqualTo(c);
        }
    }

    @Test
    void anUpdateWithAnIdIsAcknowledgedEachTimeAndToldOnce() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            String update = Phone.update(1, 2).add("id", "x-1").build().toString();
            annas.send(update);
            annas.send(update);
            assertThat(annas.hear("ack").getString("id")).isEqualTo("x-1");
            assertThat(annas.hear("ack").getString("id")).isEqualTo("x-1");
            annas.send(update);
            assertThat(annas.hear("ack").getString("id")).isEqualTo("x-1");

            assertThat(bjorns.flush())
                    .filteredOn(message -> message.getString("type").equals("location:broadcast"))
                    .hasSize(1);
        }
    }

    @Test
    void unsubscribeEndsTheStreamAndNotTheConnection() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.subscribe();
            bjorns.send("{\"type\":\"location:unsubscribe\"}");
            bjorns.flush();
            annas.send(Phone.update(1, 2).add("id", "a"));
            annas.hear("ack");
            assertThat(bjorns.flush()).isEmpty();

            List<JsonObject> snapshot = bjorns.subscribe();
            assertThat(snapshot).hasSize(1);
            assertThat(snapshot.get(0).getString("userId")).isEqualTo(anna.id());
        }
    }

    @Test
    void whoComesBackGetsWhatWasMissedAndNothingElse() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        long since;
        try (Phone annas = Phone.connect(server, anna)) {
            try (Phone bjorns = Phone.connect(server, bjorn)) {
                bjorns.subscribe();
                annas.send(Phone.update(1, 1));
                since = bjorns.hear("location:broadcast")
                        .getJsonNumber("offset")
                        .longValue();
            }
            for (int i = 2; i <= 10; i++) {
                annas.send(Phone.update(i, i).add("id", "i" + i));
                annas.hear("ack");
            }
            try (Phone bjorns = Phone.connect(server, bjorn)) {
                bjorns.flush();
                bjorns.send("{\"type\":\"location:subscribe\",\"since\":" + since + "}");
                assertThat(bjorns.flush())
                        .extracting(message -> message.getInt("latitude"))
                        .containsExactly(2, 3, 4, 5, 6, 7, 8, 9, 10);
            }
            try (Phone bjorns = Phone.connect(server, bjorn)) {
                bjorns.flush();
                bjorns.send("{\"type\":\"location:subscribe\",\"since\":1}");
                assertThat(bjorns.hear().getString("code")).isEqualTo("gap");
                assertThat(bjorns.hear().getInt("latitude")).isEqualTo(10);
                assertThat(bjorns.flush()).isEmpty();
            }
        }
    }

    @Test
    void aBrowserConnectsWithSubprotocols() throws DeploymentException {
        Person anna = server.startFamily("Anna");
        String origin = "http://" + server.host() + ":" + server.port();
        try (Phone browser = Phone.connect(
                server.ws(), Map.of("Origin", List.of(origin)), List.of("draugar.v1", "bearer." + anna.token()))) {
            assertThat(browser.session().getNegotiatedSubprotocol()).isEqualTo("draugar.v1");
            assertThat(browser.subscribe()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', 401",
        "Bearer nonsense, '', 401",
        "Basic YTpi, '', 401",
        "Bearer %s, http://evil.example, 403",
        "Bearer %s, null, 403",
    })
    void whoHasNotProvedWhoTheyAreIsRefusedBeforeTheUpgrade(String authorization, String origin, int status) {
        Person anna = server.startFamily("Anna");
        WebSocket.Builder handshake = HttpClient.newHttpClient().newWebSocketBuilder();
        if (!authorization.isEmpty()) {
            handshake.header("Authorization", authorization.formatted(anna.token()));
        }
        if (!origin.isEmpty()) {
            handshake.header("Origin", origin);
        }
        assertThatThrownBy(() -> handshake
                        .buildAsync(server.ws(), new WebSocket.Listener() {})
                        .join())
                .cause()
                .isInstanceOfSatisfying(WebSocketHandshakeException.class, refused -> assertThat(
                                refused.getResponse().statusCode())
                        .isEqualTo(status));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            nonsense                                            | expected one JSON object
            {"type":"location:update","latitude":"64"}          | latitude: expected a number
            {"type":"location:update","latitude":91,"longitude":0,"timestamp":"2026-11-23T08:00:00Z"}  | latitude: expected a number from -90 to 90
            {"type":"location:update","latitude":1,"longitude":-181,"timestamp":"2026-11-23T08:00:00Z"}| longitude: expected a number from -180 to 180
            {"type":"location:update","latitude":1,"longitude":1,"timestamp":"2999-01-01T00:00:00Z"}   | timestamp: is in the future; check the device's clock
            """)
    void aBadMessageIsAnsweredWithWhatIsWrong(String text, String message) {
        Person anna = server.startFamily("Anna");
        try (Phone annas = Phone.connect(server, anna)) {
            annas.send(text);
            JsonObject error = annas.hear("error");
            assertThat(error.getString("message")).isEqualTo(message);
            assertThat(error.getString("code")).isEqualTo("bad-message");
            annas.send(Phone.update(1, 2).add("id", "good"));
            assertThat(annas.hear("ack").getString("id")).isEqualTo("good");
        }
    }

    @Test
    void whoKeepsSendingBadMessagesIsClosed() {
        Person anna = server.startFamily("Anna");
        try (Phone annas = Phone.connect(server, anna)) {
            for (int i = 0; i < 10; i++) {
                annas.send("nonsense " + i);
            }
            assertThat(annas.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(4400);
        }
    }

    @Test
    void aMessageOfTheLargestSizeIsHeardAndALargerOneIsNot() {
        Person anna = server.startFamily("Anna");
        String update = Phone.update(1, 2).add("id", "big").build().toString();
        String padded = update.substring(0, update.length() - 1) + " ".repeat(4096 - update.length()) + "}";
        try (Phone annas = Phone.connect(server, anna)) {
            annas.send(padded);
            assertThat(annas.hear("ack").getString("id")).isEqualTo("big");
            annas.send(padded + " ");
            assertThat(annas.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(1009);
        }
    }

    @Test
    void bytesAreCountedAcrossFragments() throws IOException {
        Person anna = server.startFamily("Anna");
        try (Phone annas = Phone.connect(server, anna)) {
            for (int i = 0; i < 9 && annas.session().isOpen(); i++) {
                annas.session().getBasicRemote().sendText("é".repeat(256), false);
            }
            assertThat(annas.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(1009);
        }
    }

    @Test
    void fragmentsMakeOneMessage() throws IOException {
        Person anna = server.startFamily("Anna");
        try (Phone annas = Phone.connect(server, anna)) {
            String update = Phone.update(1, 2).add("id", "parts").build().toString();
            annas.session().getBasicRemote().sendText(update.substring(0, 10), false);
            annas.session().getBasicRemote().sendText(update.substring(10, 50), false);
            annas.session().getBasicRemote().sendText(update.substring(50), true);
            assertThat(annas.hear("ack").getString("id")).isEqualTo("parts");
        }
    }

    @Test
    void binaryIsNotSpokenHere() throws IOException {
        Person anna = server.startFamily("Anna");
        try (Phone annas = Phone.connect(server, anna)) {
            annas.session().getBasicRemote().sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertThat(annas.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(4400);
        }
    }

    @Test
    void aRevokedDeviceIsClosedWithinASecond() {
        Person anna = server.startFamily("Anna");
        try (Phone annas = Phone.connect(server, anna)) {
            annas.subscribe();
            assertThat(server.post("/api/auth/leave", anna, "").status()).isEqualTo(204);
            CloseReason reason = annas.awaitClose(A_SECOND);
            assertThat(reason.getCloseCode().getCode()).isEqualTo(4401);
            assertThat(reason.getReasonPhrase()).isEqualTo("this device was signed out");
        }
        assertThat(server.get("/api/auth/me", anna).status()).isEqualTo(401);
    }

    @Test
    void whoIsRenamedSpeaksByTheNewNameOnOpenConnections() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn);
                PhoneApp app = PhoneApp.start()) {
            app.connect("bjorn", server, PhoneApp.options(bjorn)).hear("bjorn", "connect");
            annas.subscribe();
            assertThat(server.patch("/api/users/" + bjorn.id(), bjorn, "{\"name\":\"Bjössi\"}")
                            .status())
                    .isEqualTo(204);
            bjorns.send(Phone.update(1, 1));
            assertThat(annas.hear("location:broadcast").getString("name")).isEqualTo("Bjössi");
            app.emit("bjorn", "location:update", Phone.update(2, 2).build());
            assertThat(annas.hear("location:broadcast").getString("name")).isEqualTo("Bjössi");
            server.post("/api/locations", bjorn, Phone.update(3, 3).build().toString());
            assertThat(annas.hear("location:broadcast").getString("name")).isEqualTo("Bjössi");
        }
    }

    @Test
    void aRemovedMemberIsClosedWithinASecondAndForgotten() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna);
                Phone bjorns = Phone.connect(server, bjorn)) {
            bjorns.send(Phone.update(1, 2).add("id", "a"));
            bjorns.hear("ack");
            assertThat(server.delete("/api/users/" + bjorn.id(), anna).status()).isEqualTo(204);
            assertThat(bjorns.awaitClose(A_SECOND).getCloseCode().getCode()).isEqualTo(4403);
            annas.hear("user:offline");
            assertThat(annas.subscribe()).isEmpty();
        }
        assertThat(server.get("/api/auth/me", bjorn).status()).isEqualTo(401);
    }
}
