package org.draugar.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.draugar.socketio.Wire.Tube;
import org.draugar.support.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Socket.IO v5 on the wire: what the protocol's own test suite asks, and more. */
class SocketIoProtocolIT extends EngineProtocol {
    SocketIoProtocolIT(Server server) {
        super(server, "/socket.io/", "40", "40{");
    }

    /** A WebSocket whose session is open, and nothing more. */
    private Tube open() {
        return open(wire);
    }

    private static Tube open(Wire wire) {
        Tube tube = wire.socket();
        assertThat((String) tube.next()).startsWith("0");
        return tube;
    }

    private Tube connected() {
        return connected(wire);
    }

    private static Tube connected(Wire wire) {
        Tube tube = open(wire).send("40");
        assertThat((String) tube.nextButPings()).startsWith("40");
        assertThat(tube.nextButPings()).isEqualTo("42[\"auth\",{}]");
        return tube;
    }

    private void assertConnects(String packet, String prefix, String auth) {
        Tube tube = open().send(packet);
        String answer = (String) tube.nextButPings();
        assertThat(answer).startsWith(prefix);
        assertThat(Wire.json(answer.substring(prefix.length())).keySet()).containsExactly("sid");
        assertThat(tube.nextButPings()).isEqualTo(auth);
        tube.close();
    }

    @Test
    void connectShouldAllowConnectionToTheMainNamespace() {
        assertConnects("40", "40", "42[\"auth\",{}]");
    }

    @Test
    void connectShouldAllowConnectionToTheMainNamespaceWithAPayload() {
        assertConnects("40{\"token\":\"123\"}", "40", "42[\"auth\",{\"token\":\"123\"}]");
    }

    @Test
    void connectShouldAllowConnectionToACustomNamespace() {
        assertConnects("40/custom,", "40/custom,", "42/custom,[\"auth\",{}]");
    }

    @Test
    void connectShouldAllowConnectionToACustomNamespaceWithAPayload() {
        assertConnects("40/custom,{\"token\":\"abc\"}", "40/custom,", "42/custom,[\"auth\",{\"token\":\"abc\"}]");
    }

    @Test
    void connectShouldDisallowConnectionToAnUnknownNamespace() {
        Tube tube = open().send("40/random");
        assertThat(tube.nextButPings()).isEqualTo("44/random,{\"message\":\"Invalid namespace\"}");
        tube.close();
    }

    @Test
    void connectShouldDisallowConnectionWithAnInvalidHandshake() {
        open().send("4abc").awaitClose();
    }

    @Test
    void connectShouldCloseTheConnectionIfNoHandshakeIsReceived() {
        Tube tube = open(lively);
        for (int pings = 0; pings < 2; pings++) {
            assertThat(tube.next()).isEqualTo("2");
            tube.send("3");
        }
        tube.awaitClose();
    }

    @Test
    void connectShouldBeAskedOnce() {
        connected().send("40").awaitClose();
    }

    @Test
    void disconnectShouldDisconnectFromTheMainNamespace() {
        Tube tube = connected(lively).send("41");
        assertThat(tube.next()).isEqualTo("2");
        tube.send("42[\"message\",1]").awaitClose();
    }

    @Test
    void disconnectShouldConnectThenDisconnectFromACustomNamespace() {
        Tube tube = connected().send("40/custom");
        assertThat(tube.nextButPings(2)).last().isEqualTo("42/custom,[\"auth\",{}]");
        tube.send("41/custom").send("42[\"message\",\"message to main namespace\"]");
        assertThat(tube.nextButPings()).isEqualTo("42[\"message-back\",\"message to main namespace\"]");
        tube.close();
    }

    @Test
    void messageShouldSendAPlainTextPacket() {
        Tube tube = connected().send("42[\"message\",1,\"2\",{\"3\":[true]}]");
        assertThat(tube.nextButPings()).isEqualTo("42[\"message-back\",1,\"2\",{\"3\":[true]}]");
        tube.close();
    }

    @Test
    void messageShouldSendAPacketWithBinaryAttachments() {
        String arguments = "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]";
        Tube tube = connected()
                .send("452-[\"message\"," + arguments)
                .send(new byte[] {1, 2, 3})
                .send(new byte[] {4, 5, 6});
        List<Object> packets = tube.nextButPings(3);
        assertThat(packets.get(0)).isEqualTo("452-[\"message-back\"," + arguments);
        assertThat((byte[]) packets.get(1)).containsExactly(1, 2, 3);
        assertThat((byte[]) packets.get(2)).containsExactly(4, 5, 6);
        tube.close();
    }

    @Test
    void messageShouldSendAPlainTextPacketWithAnAck() {
        Tube tube = connected().send("42456[\"message-with-ack\",1,\"2\",{\"3\":[false]}]");
        assertThat(tube.nextButPings()).isEqualTo("43456[1,\"2\",{\"3\":[false]}]");
        tube.close();
    }

    @Test
    void messageShouldSendAPacketWithBinaryAttachmentsAndAnAck() {
        String arguments = "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]";
        Tube tube = connected()
                .send("452-789[\"message-with-ack\"," + arguments)
                .send(new byte[] {1, 2, 3})
                .send(new byte[] {4, 5, 6});
        List<Object> packets = tube.nextButPings(3);
        assertThat(packets.get(0)).isEqualTo("462-789[" + arguments);
        assertThat((byte[]) packets.get(1)).containsExactly(1, 2, 3);
        assertThat((byte[]) packets.get(2)).containsExactly(4, 5, 6);
        tube.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "4abc", // unknown packet type
                "47", //
                "42{}", // payloads
                "42",
                "42[]",
                "42[{}]",
                "42[\"a\"",
                "42[\"a\"]]",
                "42[\"connect\"]",
                "42[\"disconnecting\",1]",
                "42abc[\"message-back\",1]", // ids
                "429999999999999999999[\"message\"]",
                "43[1]",
                "41{}",
                "44{\"message\":\"a\"}",
                "42/custom,[\"message\"]", // not in there
                "4511-[\"message\"]", // attachments
                "45-[\"message\"]",
                "4500011-[\"message\"]",
                "45[\"message\"]"
            })
    void messageShouldCloseTheConnectionUponInvalidFormat(String packet) {
        connected().send(packet).awaitClose();
    }

    @Test
    void messageShouldCloseTheConnectionUponDeepNesting() {
        connected()
                .send("42[\"message\"," + "[".repeat(2000) + "]".repeat(2000) + "]")
                .awaitClose();
    }

    @Test
    void messageMayHaveANameThatIsEscapedOrANumber() {
        Tube tube = connected().send("42[1]").send("42[ \"mess\\u0061ge\" , 1]");
        assertThat(tube.nextButPings()).isEqualTo("42[\"message-back\", 1]");
        tube.close();
    }

    @Test
    void messageShouldCloseTheConnectionUponTextWhereAnAttachmentBelongs() {
        connected()
                .send("451-[\"message\",{\"_placeholder\":true,\"num\":0}]")
                .send("42[\"message\"]")
                .awaitClose();
        connected().send(new byte[] {1}).awaitClose();
    }

    @Test
    void everythingGoesOverPollingToo() {
        String sid = wire.openSid();
        assertThat(wire.push(sid, "40").body()).isEqualTo("ok");
        assertThat(wire.poll(sid).body()).startsWith("40{\"sid\":\"").endsWith("\u001e42[\"auth\",{}]");
        assertThat(wire.push(sid, "451-7[\"message-with-ack\",{\"_placeholder\":true,\"num\":0}]\u001ebAQID")
                        .body())
                .isEqualTo("ok");
        assertThat(wire.poll(sid).body()).isEqualTo("461-7[{\"_placeholder\":true,\"num\":0}]\u001ebAQID");
    }
}
