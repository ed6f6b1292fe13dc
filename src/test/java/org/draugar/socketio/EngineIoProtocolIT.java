package org.draugar.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonObject;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocketHandshakeException;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.draugar.socketio.Wire.Tube;
import org.draugar.socketio.echo.Echo;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Engine.IO v4 on the wire, against the echo application: what the protocol's own test suite asks, and every error. */
@ExtendWith(ArquillianExtension.class)
class EngineIoProtocolIT {
    private static final int PING_INTERVAL = 300;
    private static final int PING_TIMEOUT = 200;

    @ArquillianResource
    private URL url;

    private Wire wire;

    @Deployment(testable = false)
    static WebArchive echo() {
        return Echo.war();
    }

    @BeforeEach
    void find() {
        wire = new Wire(URI.create(url + "engine.io/"));
    }

    private void assertRefused(String query) {
        assertThatThrownBy(() -> wire.socket(query))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(WebSocketHandshakeException.class);
    }

    private static void assertOpens(JsonObject open, String upgrades) {
        assertThat(open.keySet())
                .containsExactlyInAnyOrder("sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload");
        assertThat(open.getString("sid")).hasSizeGreaterThanOrEqualTo(20);
        assertThat(open.getJsonArray("upgrades")).hasToString(upgrades);
        assertThat(open.getInt("pingInterval")).isEqualTo(PING_INTERVAL);
        assertThat(open.getInt("pingTimeout")).isEqualTo(PING_TIMEOUT);
        assertThat(open.getInt("maxPayload")).isEqualTo(1_000_000);
    }

    @Test
    void handshakeOverPollingShouldSuccessfullyOpenASession() {
        HttpResponse<String> answer = wire.get("EIO=4&transport=polling");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow().replace(" ", ""))
                .isEqualToIgnoringCase("text/plain;charset=UTF-8");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.body()).startsWith("0");
        assertOpens(Wire.json(answer.body().substring(1)), "[\"websocket\"]");
    }

    @Test
    void handshakeOverPollingShouldFailWithAnInvalidEioQueryParameter() {
        for (String query :
                new String[] {"transport=polling", "EIO=abc&transport=polling", "EIO=3&transport=polling"}) {
            HttpResponse<String> answer = wire.get(query);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).isEqualTo("{\"code\":5,\"message\":\"Unsupported protocol version\"}");
        }
    }

    @Test
    void handshakeOverPollingShouldFailWithAnInvalidTransportQueryParameter() {
        for (String query : new String[] {"EIO=4", "EIO=4&transport=abc", "EIO=4&transport=constructor"}) {
            HttpResponse<String> answer = wire.get(query);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).isEqualTo("{\"code\":0,\"message\":\"Transport unknown\"}");
        }
    }

    @Test
    void handshakeOverPollingShouldFailWithAnInvalidRequestMethod() {
        for (String method : new String[] {"POST", "PUT", "DELETE"}) {
            HttpResponse<String> answer = wire.send(method, "EIO=4&transport=polling", "");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).isEqualTo("{\"code\":2,\"message\":\"Bad handshake method\"}");
        }
    }

    @Test
    void handshakeOverWebSocketShouldSuccessfullyOpenASession() {
        Tube tube = wire.socket();
        String open = (String) tube.next();
        assertThat(open).startsWith("0");
        assertOpens(Wire.json(open.substring(1)), "[]");
        tube.close();
    }

    @Test
    void handshakeOverWebSocketShouldFailWithAnInvalidEioQueryParameter() {
        assertRefused("transport=websocket");
        assertRefused("EIO=abc&transport=websocket");
    }

    @Test
    void handshakeOverWebSocketShouldFailWithAnInvalidTransportQueryParameter() {
        assertRefused("EIO=4");
        assertRefused("EIO=4&transport=abc");
        assertRefused("EIO=4&transport=polling");
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
    void otherOriginsAreAnsweredAsBrowsersAsk() throws Exception {
        HttpResponse<String> preflight =
                wire.send("OPTIONS", "EIO=4&transport=polling", "", "Origin", "http://a.example");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
                .hasValue("http://a.example");
        HttpResponse<String> answer = Wire.HTTP.send(
                HttpRequest.newBuilder(URI.create(url + "engine.io/?EIO=4&transport=polling"))
                        .header("Origin", "http://a.example")
                        .build(),
                BodyHandlers.ofString());
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
    void heartbeatOverPollingShouldSendPingPongPackets() {
        String sid = wire.openSid();
        for (int i = 0; i < 3; i++) {
            assertThat(wire.poll(sid).body()).isEqualTo("2");
            assertThat(wire.push(sid, "3").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void heartbeatOverPollingShouldCloseTheSessionUponPingTimeout() throws Exception {
        String sid = wire.openSid();
        // What is tested is that time passes without a pong.
        CompletableFuture<Void> later = new CompletableFuture<>();
        later.completeOnTimeout(null, PING_INTERVAL + PING_TIMEOUT, TimeUnit.MILLISECONDS)
                .get();
        assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
    }

    @Test
    void heartbeatOverWebSocketShouldSendPingPongPackets() {
        Tube tube = wire.socket();
        tube.next();
        for (int i = 0; i < 3; i++) {
            assertThat(tube.next()).isEqualTo("2");
            tube.send("3");
        }
        tube.close();
    }

    @Test
    void heartbeatOverWebSocketShouldCloseTheSessionUponPingTimeout() {
        Tube tube = wire.socket();
        tube.next();
        tube.awaitClose();
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
    void closeOverPollingShouldForcefullyCloseTheSession() {
        String sid = wire.openSid();
        CompletableFuture<HttpResponse<String>> poll = wire.pollAsync(sid);
        assertThat(wire.push(sid, "1").statusCode()).isEqualTo(200);
        assertThat(Wire.await(poll).statusCode()).isEqualTo(200);
        assertThat(poll.join().body()).isEqualTo("6");
        assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
    }

    @Test
    void closeOverWebSocketShouldForcefullyCloseTheSession() {
        Tube tube = wire.socket();
        tube.next();
        tube.send("1").awaitClose();
    }

    /** A WebSocket that asks to carry a session. */
    private Tube asking(String sid) {
        return wire.socket("EIO=4&transport=websocket&sid=" + sid);
    }

    @Test
    void upgradeShouldSuccessfullyUpgradeFromPollingToWebSocket() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        assertThat(tube.send("2probe").next()).isEqualTo("3probe");
        assertThat(tube.send("5").send("4hello").nextButPings()).isEqualTo("4hello");
        tube.close();
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
    void upgradeShouldIgnoreHttpRequestsWithSameSidAfterUpgrade() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        tube.send("2probe").send("5");
        assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
        assertThat(wire.push(sid, "4a").statusCode()).isEqualTo(400);
        tube.close();
    }

    @Test
    void upgradeShouldIgnoreWebSocketConnectionWithSameSidAfterUpgrade() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        tube.send("2probe").send("5");
        wire.socket("EIO=4&transport=websocket&sid=" + sid).awaitClose();
        tube.close();
    }
}
