package org.draugar.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.draugar.socketio.Wire.Tube;
import org.draugar.support.Server;
import org.junit.jupiter.api.Test;

/** Engine.IO v4 on the wire: what the protocol's own test suite asks, and every error. */
class EngineIoProtocolIT extends EngineProtocol {
    EngineIoProtocolIT(Server server) {
        super(server, "/engine.io/", "4hello", "4hello");
    }

    @Test
    void handshakeOverWebSocketShouldFailWithAnUnknownSession() {
        assertRefused("EIO=4&transport=websocket&sid=nobody");
    }

    @Test
    void requestsOfUnknownSessionsAreToldSo() {
        assertThat(wire.poll("nobody").body()).isEqualTo("{\"code\":1,\"message\":\"Session ID unknown\"}");
        assertThat(wire.push("nobody", "4a").statusCode()).isEqualTo(400);
    }

    @Test
    void requestsOnTheWrongTransportAreBad() {
        String bad = "{\"code\":3,\"message\":\"Bad request\"}";
        assertThat(wire.get("EIO=4&transport=websocket").body()).isEqualTo(bad);
        assertThat(wire.get("EIO=4&transport=websocket&sid=" + wire.openSid()).body())
                .isEqualTo(bad);
    }

    @Test
    void otherOriginsAreAnsweredAsBrowsersAsk() {
        HttpResponse<String> preflight =
                wire.send("OPTIONS", "EIO=4&transport=polling", "", "Origin", "http://a.example");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
                .hasValue("http://a.example");
        HttpResponse<String> answer = wire.send("GET", "EIO=4&transport=polling", "", "Origin", "http://a.example");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("http://a.example");
    }

    @Test
    void messageOverPollingShouldSendAndReceiveAPayloadContainingOnePlainTextPacket() {
        String sid = wire.openSid();
        HttpResponse<String> push = wire.push(sid, "4hello");
        assertThat(push.statusCode()).isEqualTo(200);
        assertThat(push.body()).isEqualTo("ok");
        assertThat(push.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        HttpResponse<String> poll = wire.poll(sid);
        assertThat(poll.statusCode()).isEqualTo(200);
        assertThat(poll.body()).isEqualTo("4hello");
    }

    @Test
    void messageOverPollingShouldSendAndReceiveAPayloadContainingSeveralPlainTextPackets() {
        String sid = wire.openSid();
        assertThat(wire.push(sid, "4test1\u001e4test2\u001e4tést3").body()).isEqualTo("ok");
        assertThat(wire.poll(sid).body()).isEqualTo("4test1\u001e4test2\u001e4tést3");
    }

    @Test
    void messageOverPollingShouldSendAndReceiveAPayloadContainingPlainTextAndBinaryPackets() {
        String sid = wire.openSid();
        assertThat(wire.push(sid, "4hello\u001ebAQIDBA==").body()).isEqualTo("ok");
        assertThat(wire.poll(sid).body()).isEqualTo("4hello\u001ebAQIDBA==");
    }

    @Test
    void messageOverPollingShouldCloseTheSessionUponInvalidPacketFormat() {
        for (String body : new String[] {"abc", "", "7", "b*", "4a\u001e"}) {
            String sid = wire.openSid();
            assertThat(wire.push(sid, body).statusCode()).as(body).isEqualTo(400);
            assertThat(wire.poll(sid).statusCode()).as(body).isEqualTo(400);
        }
    }

    @Test
    void messageOverPollingShouldCloseTheSessionUponDuplicatePollRequests() {
        String sid = wire.openSid();
        CompletableFuture<HttpResponse<String>> first = wire.pollAsync(sid);
        CompletableFuture<HttpResponse<String>> second = wire.pollAsync(sid);
        assertThat(new int[] {Wire.await(first).statusCode(), Wire.await(second).statusCode()})
                .containsExactlyInAnyOrder(200, 400);
        assertThat(
                        first.join().statusCode() == 200
                                ? first.join().body()
                                : second.join().body())
                .isEqualTo("1");
        assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
    }

    @Test
    void messageOverPollingShouldCloseTheSessionUponCancelledPollingRequest() throws IOException {
        String sid = wire.openSid();
        wire.write("GET", sid, "").close();
        // Nobody tells the server of it: whichever of the two comes to it last is one too many.
        HttpResponse<String> poll = wire.poll(sid);
        assertThat(poll.statusCode() + poll.body()).matches("200.?1|400.*");
        assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
    }

    @Test
    void messageOverPollingShouldCloseTheSessionUponDuplicatePushRequests() throws IOException {
        String sid = wire.openSid();
        try (Socket half = wire.write("POST", sid, "Content-Length: 6\r\n\r\n4hel")) {
            Server.await(
                    "the other push has begun",
                    Duration.ofSeconds(10),
                    () -> wire.push(sid, "4a").statusCode() == 400);
            assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
        }
    }

    @Test
    void messageOverPollingShouldRefuseABodyOfAnOldVersion() {
        String sid = wire.openSid();
        assertThat(wire.send(
                                "POST",
                                "EIO=4&transport=polling&sid=" + sid,
                                "4a",
                                "Content-Type",
                                "application/octet-stream")
                        .statusCode())
                .isEqualTo(400);
        assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
    }

    @Test
    void messageOverPollingShouldRefuseABodyOverTheLimit() {
        String sid = wire.openSid();
        assertThat(wire.push(sid, "4" + "a".repeat(1_000_000)).statusCode()).isEqualTo(413);
        assertThat(wire.push(sid, "4" + "a".repeat(999_999)).statusCode()).isEqualTo(200);
        assertThat(wire.poll(sid).body()).hasSize(1_000_000);
    }

    @Test
    void messageOverWebSocketShouldSendAndReceiveAPlainTextPacket() {
        Tube tube = wire.socket();
        tube.next();
        assertThat(tube.send("4hello").nextButPings()).isEqualTo("4hello");
        tube.close();
    }

    @Test
    void messageOverWebSocketShouldSendAndReceiveABinaryPacket() {
        Tube tube = wire.socket();
        tube.next();
        assertThat((byte[]) tube.send(new byte[] {1, 2, 3, 4}).nextButPings()).containsExactly(1, 2, 3, 4);
        tube.close();
    }

    /** The length of a frame is said in one, three or nine bytes (RFC 6455, 5.2). */
    @Test
    void textsOfAnyLengthComeBackAsTheyWent() {
        Tube tube = wire.socket();
        tube.next();
        for (int length : new int[] {0, 1, 124, 125, 126, 65_533, 65_534, 65_535, 65_536, 300_000}) {
            String text = "4" + "a".repeat(length);
            assertThat(tube.send(text).nextButPings())
                    .as("%d characters", length)
                    .isEqualTo(text);
        }
        String every = "4\u0000\u007f\u0080\u07ff\u0800\uffff\ud83d\ude00".repeat(1000);
        assertThat(tube.send(every).nextButPings()).isEqualTo(every);
        tube.close();
    }

    @Test
    void messageOverWebSocketShouldCloseTheSessionUponInvalidPacketFormat() {
        for (String packet : new String[] {"abc", "", "7"}) {
            Tube tube = wire.socket();
            tube.next();
            tube.send(packet).awaitClose();
        }
    }

    @Test
    void messageOverWebSocketShouldCloseTheSessionOverTheLimit() {
        Tube tube = wire.socket();
        tube.next();
        assertThat(tube.send("4" + "a".repeat(1_000_000)).awaitClose()).isEqualTo(1009);
    }

    @Test
    void heartbeatGoesOneWayOnly() {
        Tube tube = wire.socket();
        tube.next();
        tube.send("2").awaitClose();
        String sid = wire.openSid();
        assertThat(wire.push(sid, "2").statusCode()).isEqualTo(400);
    }

    @Test
    void upgradeReleasesAPollWithANoop() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        CompletableFuture<HttpResponse<String>> poll = wire.pollAsync(sid);
        assertThat(tube.send("2probe").next()).isEqualTo("3probe");
        assertThat(Wire.await(poll).body()).isEqualTo("6");
        tube.send("5").close();
    }

    /** As socket.io-client-java writes it, after RFC 2045. */
    @Test
    void base64MayHaveLineBreaks() {
        byte[] sent = new byte[200];
        String sid = wire.openSid();
        assertThat(wire.push(sid, "b" + Base64.getMimeEncoder().encodeToString(sent))
                        .statusCode())
                .isEqualTo(200);
        assertThat(wire.poll(sid).body()).contains("b" + Base64.getEncoder().encodeToString(sent));
    }

    @Test
    void upgradeTakesAlongWhatWasNotFetched() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        assertThat(wire.push(sid, "4before\u001eb" + Base64.getEncoder().encodeToString(new byte[] {7}))
                        .statusCode())
                .isEqualTo(200);
        assertThat(tube.send("2probe").next()).isEqualTo("3probe");
        tube.send("5");
        assertThat(tube.nextButPings()).isEqualTo("4before");
        assertThat((byte[]) tube.nextButPings()).containsExactly(7);
        tube.close();
    }

    @Test
    void upgradeCarriesMessages() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        assertThat(tube.send("2probe").next()).isEqualTo("3probe");
        assertThat(tube.send("5").send("4hello").nextButPings()).isEqualTo("4hello");
        tube.close();
    }
}
