package org.draugar.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestFactory;

/**
 * RFC 6455, case by case, at the native WebSocket and at the echo on the Socket.IO engine. What a server itself does
 * otherwise, and no WAR can change, is named here with what it does: a case in the table fails when that changes.
 */
class Rfc6455IT {
    private static final int PATIENCE_MILLIS = 5_000;

    /** By the beginning of a case's name, what the server does instead. */
    private static final Map<String, Map<String, String>> OTHERWISE =
            Map.of("wildfly", Map.of("masks: a ping without", "opcode 8a with 1 bytes"));

    private static Stream<DynamicTest> tests(Rfc6455.Peer peer) {
        Map<String, String> otherwise = OTHERWISE.getOrDefault(ServerProcess.CONTAINER, Map.of());
        return Rfc6455.cases(peer)
                .map(each -> dynamicTest(each.name(), () -> assertThat(each.run(peer))
                        .isEqualTo(otherwise.entrySet().stream()
                                .filter(known -> each.name().startsWith(known.getKey()))
                                .map(Map.Entry::getValue)
                                .findFirst()
                                .orElse(Rfc6455.RIGHT))));
    }

    /** Answers pings of its own format, and whatever is no message with what is wrong with it. */
    @Nested
    @SharedServer
    class Native {
        @TestFactory
        Stream<DynamicTest> cases(Server server) {
            Person anna = server.startFamily("Anna");
            return tests(new Rfc6455.Peer() {
                private static final String PING = "{\"type\":\"ping\"}";

                @Override
                public RawWebSocket connect() throws IOException {
                    return new RawWebSocket(
                            server, "/ws", "Authorization: Bearer " + anna.token() + "\r\n", PATIENCE_MILLIS);
                }

                @Override
                public String message(int bytes) {
                    return PING + " ".repeat(bytes - PING.length());
                }

                @Override
                public String answer(String message) {
                    return message.startsWith(PING) ? "{\"type\":\"pong\"}" : null;
                }

                @Override
                public String with(String some) {
                    return "{\"type\":\"" + some + "\"}";
                }

                @Override
                public int most() {
                    return LiveEndpoint.MAX_BYTES;
                }

                @Override
                public boolean echoesBinary() {
                    return false;
                }
            });
        }
    }

    /** Sends messages back; its packets are {@code 4} and what follows. */
    @Nested
    @SharedServer(echo = true)
    class Echo {
        @TestFactory
        Stream<DynamicTest> cases(Server server) {
            return tests(new Rfc6455.Peer() {
                @Override
                public RawWebSocket connect() throws IOException {
                    RawWebSocket socket = new RawWebSocket(
                            server, "/patient/engine.io/?EIO=4&transport=websocket", "", PATIENCE_MILLIS);
                    assertThat(socket.next().text()).startsWith("0{");
                    return socket;
                }

                @Override
                public String message(int bytes) {
                    String some = bytes < 1000 ? "é".repeat(7) : "e".repeat(14);
                    return "4" + some + "e".repeat(bytes - 15);
                }

                @Override
                public String answer(String message) {
                    return message;
                }

                @Override
                public String with(String some) {
                    return "4" + some;
                }

                @Override
                public int most() {
                    return 1_000_000;
                }

                @Override
                public boolean echoesBinary() {
                    return true;
                }
            });
        }
    }
}
