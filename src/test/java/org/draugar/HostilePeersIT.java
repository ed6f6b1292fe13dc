package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.draugar.support.Crowd;
import org.draugar.support.Crowd.Peer;
import org.draugar.support.CrowdedServer;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.junit.jupiter.api.Test;

/**
 * A thousand peers that never read beside a thousand that do, on a server with 256 MB of heap (the build starts it
 * so): the readers get everything, the others are closed, and the server goes on.
 */
@CrowdedServer
class HostilePeersIT {
    private static final int FAMILIES = 100;
    private static final int READERS = 10;
    private static final int DEAF = 10;

    private final Server server;

    HostilePeersIT(Server server) {
        this.server = server;
    }

    @Test
    void whoNeverReadsCostsNobodyElseAnything() throws Exception {
        AtomicInteger delivered = new AtomicInteger();
        List<SocketChannel> deaf = new ArrayList<>();
        List<Peer> readers = new ArrayList<>();
        try (Crowd crowd = new Crowd(server)) {
            for (int family = 0; family < FAMILIES; family++) {
                Person admin = server.startFamily("Admin " + family);
                Person silent = server.join(admin, "Silent");
                Person listening = server.join(admin, "Listening");
                readers.add(crowd.connect(admin, message -> {}));
                for (int i = 0; i < READERS - 1; i++) {
                    Peer reader = crowd.connect(listening, message -> {
                        if (message.getString("type").equals("location:broadcast")) {
                            delivered.incrementAndGet();
                        }
                    });
                    reader.subscribe();
                    readers.add(reader);
                }
                for (int i = 0; i < DEAF; i++) {
                    deaf.add(connectDeaf(server, silent));
                }
                showLife(deaf);
            }
            Server.await("the readers are subscribed", Duration.ofMinutes(1), () -> IntStream.range(0, readers.size())
                    .filter(i -> i % READERS != 0)
                    .allMatch(i -> readers.get(i).isReady()));
            assertThat(server.connections()).isEqualTo(FAMILIES * (READERS + DEAF));

            // Large messages, so that buffers fill: each the most that is let in.
            String update = "{\"type\":\"location:update\",\"v\":1,\"n\":\"" + "n".repeat(32) + "\",\"c\":\""
                    + "c".repeat(3900) + "\"}";
            int rounds = 0;
            long deadline = System.nanoTime() + Duration.ofMinutes(4).toNanos();
            while (server.connections() > FAMILIES * READERS) {
                assertThat(System.nanoTime())
                        .as("deaf peers are closed in time")
                        .isLessThan(deadline);
                showLife(deaf);
                for (int family = 0; family < FAMILIES; family++) {
                    readers.get(family * READERS).send(update);
                }
                int round = ++rounds;
                int all = rounds * FAMILIES * (READERS - 1);
                Server.await(
                        () -> "every reader hears round " + round + "; " + delivered + " of " + all
                                + " were heard, closed with codes " + closeCodes(readers) + ", server: "
                                + server.connections() + " connections",
                        Duration.ofMinutes(1),
                        () -> delivered.get() == all);
            }
            System.out.printf(
                    "HostilePeersIT: %d positions to %d readers, all heard; %d deaf peers closed%n",
                    delivered.get(), FAMILIES * (READERS - 1), FAMILIES * DEAF);
            assertThat(server.get("/api/health", null).status()).isEqualTo(200);
            assertThat(server.connections())
                    .as("the readers are all there; closed with codes %s", closeCodes(readers))
                    .isEqualTo(FAMILIES * READERS);
        } finally {
            for (SocketChannel channel : deaf) {
                channel.close();
            }
        }
    }

    private static Set<Integer> closeCodes(List<Peer> peers) {
        return peers.stream().map(Peer::closeCode).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Pongs that nobody asked for (RFC 6455, 5.5.3), so that none is taken for dead: they live, and do not read. */
    private static void showLife(List<SocketChannel> peers) {
        for (SocketChannel peer : peers) {
            try {
                write(peer, new byte[] {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0});
            } catch (IOException e) {
                // The server has closed it, as it should.
            }
        }
    }

    /** A peer that says hello, subscribes, and then never takes a byte out of its small buffer. */
    private static SocketChannel connectDeaf(Server server, Person person) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        channel.connect(new InetSocketAddress(server.host(), server.port()));
        write(
                channel,
                ("GET /ws HTTP/1.1\r\nHost: " + server.host() + ":" + server.port()
                                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer "
                                + person.token() + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        ByteBuffer answer = ByteBuffer.allocate(12);
        while (answer.hasRemaining() && channel.read(answer) >= 0) {
            // Only the status line is looked at.
        }
        assertThat(new String(answer.array(), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 101");
        byte[] subscribe = "{\"type\":\"location:subscribe\"}".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer frame = ByteBuffer.allocate(6 + subscribe.length);
        // A masked text frame with a mask of zeros (RFC 6455, 5.2).
        frame.put((byte) 0x81).put((byte) (0x80 | subscribe.length)).putInt(0).put(subscribe);
        write(channel, frame.array());
        return channel;
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
