package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.draugar.support.Crowd;
import org.draugar.support.Crowd.Peer;
import org.draugar.support.CrowdedServer;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many connections there are, where nobody else's come and go. */
@CrowdedServer
class ConnectionsIT {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Server server;

    ConnectionsIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void awaitQuiet() {
        Server.await("no connections of other tests", Duration.ofSeconds(60), () -> server.connections() == 0);
    }

    @Test
    void connectionsAreCountedAndBackToZeroAfterwards() {
        Person anna = server.startFamily("Anna");
        Phone first = Phone.connect(server, anna);
        Phone second = Phone.connect(server, anna);
        first.flush();
        second.flush();
        assertThat(server.get("/api/ws-status", null).response().body()).isEqualTo("{\"connections\":2}");
        first.close();
        second.close();
        Server.await("no connections", SOON, () -> server.connections() == 0);
    }

    @Test
    void oneMembersConnectionsAreBounded() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Crowd crowd = new Crowd(server)) {
            Peer bjorns = crowd.connect(bjorn, message -> {});
            List<Peer> annas = new ArrayList<>();
            for (int i = 0; i < 102; i++) {
                annas.add(crowd.connect(anna, message -> {}));
            }
            Server.await(
                    "two too many are closed",
                    SOON,
                    () -> annas.stream()
                                    .filter(peer -> peer.closeCode() == 4429)
                                    .count()
                            == 2);
            assertThat(annas.get(101).closeCode()).isNotEqualTo(4429);
            assertThat(bjorns.closeCode()).isNotEqualTo(4429);
            Server.await("a hundred are left, and another member's", SOON, () -> server.connections() == 101);
        }
    }

    @Test
    void aStreamCountsAsAConnectionAndAsPresence() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna)) {
            annas.flush();
            int before = server.connections();
            try (EventStream stream = EventStream.open(server, bjorn, null)) {
                assertThat(annas.hear("user:online").getString("userId")).isEqualTo(bjorn.id());
                assertThat(server.connections()).isEqualTo(before + 1);
                server.post("/api/auth/leave", bjorn, "");
                stream.awaitEnd(Duration.ofSeconds(2));
            }
            assertThat(annas.hear("user:offline").getString("userId")).isEqualTo(bjorn.id());
        }
    }
}
