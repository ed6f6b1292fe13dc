package org.draugar.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.JsonObject;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.draugar.socketio.Wire.Tube;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;

/** What the test suites of both protocols ask of Engine.IO v4, against the echo application. */
@SharedServer(echo = true)
abstract class EngineProtocol {
    private static final int PING_INTERVAL = 300;
    private static final int PING_TIMEOUT = 200;

    /** Does not end before a slow machine has answered. */
    final Wire wire;
    /** Asks for a sign of life as often as the suites say, {@value PING_INTERVAL} ms, and is as patient. */
    final Wire lively;
    /** Asks as often, and ends soon. */
    final Wire heartbeats;

    private final String hello;
    private final String answer;

    /**
     * @param path where the engine is, such as {@code /engine.io/}
     * @param hello a packet that the application answers
     * @param answer what the answer begins with
     */
    EngineProtocol(Server server, String path, String hello, String answer) {
        this.wire = new Wire(server.uri("/patient" + path));
        this.lively = new Wire(server.uri("/lively" + path));
        this.heartbeats = new Wire(server.uri(path));
        this.hello = hello;
        this.answer = answer;
    }

    void assertRefused(String query) {
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

    /** A WebSocket that asks to carry a session. */
    Tube asking(String sid) {
        return wire.socket("EIO=4&transport=websocket&sid=" + sid);
    }

    @Test
    void handshakeOverPollingShouldSuccessfullyOpenASession() {
        HttpResponse<String> answer = heartbeats.get("EIO=4&transport=polling");
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
        Tube tube = heartbeats.socket();
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
    void heartbeatOverPollingShouldSendPingPongPackets() {
        String sid = lively.openSid();
        for (int i = 0; i < 2; i++) {
            assertThat(lively.poll(sid).body()).isEqualTo("2");
            assertThat(lively.push(sid, "3").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void heartbeatOverPollingShouldCloseTheSessionUponPingTimeout() throws Exception {
        String sid = heartbeats.openSid();
        // What is tested is that time passes without a pong.
        CompletableFuture<Void> later = new CompletableFuture<>();
        later.completeOnTimeout(null, PING_INTERVAL + PING_TIMEOUT, TimeUnit.MILLISECONDS)
                .get();
        assertThat(heartbeats.poll(sid).statusCode()).isEqualTo(400);
    }

    @Test
    void heartbeatOverWebSocketShouldSendPingPongPackets() {
        Tube tube = lively.socket();
        tube.next();
        for (int i = 0; i < 2; i++) {
            assertThat(tube.next()).isEqualTo("2");
            tube.send("3");
        }
        tube.close();
    }

    @Test
    void heartbeatOverWebSocketShouldCloseTheSessionUponPingTimeout() {
        Tube tube = heartbeats.socket();
        tube.next();
        tube.awaitClose();
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

    @Test
    void upgradeShouldSuccessfullyUpgradeFromPollingToWebSocket() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        upgrade(tube);
        tube.close();
    }

    private void upgrade(Tube tube) {
        assertThat(tube.send("2probe").next()).isEqualTo("3probe");
        assertThat((String) tube.send("5").send(hello).nextButPings()).startsWith(answer);
    }

    @Test
    void upgradeShouldIgnoreHttpRequestsWithSameSidAfterUpgrade() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        upgrade(tube);
        assertThat(wire.poll(sid).statusCode()).isEqualTo(400);
        assertThat(wire.push(sid, "4a").statusCode()).isEqualTo(400);
        tube.close();
    }

    @Test
    void upgradeShouldIgnoreWebSocketConnectionWithSameSidAfterUpgrade() {
        String sid = wire.openSid();
        Tube tube = asking(sid);
        upgrade(tube);
        wire.socket("EIO=4&transport=websocket&sid=" + sid).awaitClose();
        tube.close();
    }
}
