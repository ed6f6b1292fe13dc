package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;

/** Online and offline, as the family sees it. */
@SharedServer
class PresenceIT {
    private final Server server;

    PresenceIT(Server server) {
        this.server = server;
    }

    @Test
    void aMemberIsOnlineWhileAnyOfTheirDevicesIs() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna)) {
            annas.flush();
            Phone phone = Phone.connect(server, bjorn);
            assertThat(annas.hear().toString()).contains("user:online").contains(bjorn.id());
            Phone laptop = Phone.connect(server, bjorn);
            laptop.flush();
            phone.close();
            // A phone that hops networks: gone and back within the grace time.
            laptop.close();
            Phone again = Phone.connect(server, bjorn);
            again.send(Phone.update(1, 2).add("id", "still here"));
            again.hear("ack");
            assertThat(annas.flush()).as("no flicker").isEmpty();

            again.close();
            assertThat(annas.hear("user:offline").getString("userId")).isEqualTo(bjorn.id());
        }
    }

    @Test
    void whoConnectsLearnsWhoIsThere() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna)) {
            annas.flush();
            try (Phone bjorns = Phone.connect(server, bjorn)) {
                JsonObject online = bjorns.hear();
                assertThat(online.getString("type")).isEqualTo("user:online");
                assertThat(online.getString("userId")).isEqualTo(anna.id());
                bjorns.send("{\"type\":\"location:subscribe\"}");
                assertThat(bjorns.flush()).as("not told twice").isEmpty();
            }
        }
    }

    /**
     * A phone whose network is gone says nothing, not even goodbye: here a socket that answers no ping. One that is
     * only quiet stays.
     */
    @Test
    void aPhoneThatVanishedIsOfflineWithinAMinute() throws Exception {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Person carla = server.join(anna, "Carla");
        try (Phone annas = Phone.connect(server, anna);
                Phone quiet = Phone.connect(server, carla);
                Socket socket = new Socket()) {
            annas.flush();
            socket.connect(new InetSocketAddress(server.host(), server.port()));
            OutputStream out = socket.getOutputStream();
            out.write(("GET /ws HTTP/1.1\r\nHost: " + server.host() + ":" + server.port()
                            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer "
                            + bjorn.token() + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 101");
            annas.hear("user:online");
            long from = System.nanoTime();

            JsonObject offline = Server.await("Björn is offline", Duration.ofSeconds(60), () -> {
                List<JsonObject> news = annas.flush();
                return news.stream()
                        .filter(message -> message.getString("type").equals("user:offline"))
                        .findFirst()
                        .orElse(null);
            });
            assertThat(offline.getString("userId")).isEqualTo(bjorn.id());
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isGreaterThan(Duration.ofSeconds(45));
            assertThat(quiet.hear("user:offline").getString("userId")).isEqualTo(bjorn.id());
        }
    }
}
