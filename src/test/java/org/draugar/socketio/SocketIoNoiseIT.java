package org.draugar.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.socketio.Wire.Tube;
import org.draugar.support.CrowdedServer;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What no client would say, said to Draugar's Socket.IO door by members and by strangers. */
@CrowdedServer
class SocketIoNoiseIT {
    private static final int COUNT = Extent.of("SocketIoNoiseIT: broken requests", 2_000, 10_000);
    /** Together more than the server has memory (the build gives it 256 MB). */
    private static final int HALF_SAID = 400;
    /** Of more than a hundred of a member the oldest are closed for that reason. */
    private static final int PER_MEMBER = 50;

    /** An abandoned session is noticed when its ping is not answered. */
    private static final Duration NOTICED = Duration.ofSeconds(90);

    private final Server server;
    private Person anna;
    private Person bjorn;
    private final Wire wire;

    SocketIoNoiseIT(Server server) {
        this.server = server;
        this.wire = new Wire(server.uri("/socket.io/"));
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    private static String connect(Person person) {
        return "40{\"token\":\"" + person.token() + "\"}";
    }

    private Tube connected(Person person) {
        Tube tube = wire.socket();
        tube.next();
        assertThat((String) tube.send(connect(person)).next()).startsWith("40{");
        return tube;
    }

    /** What the family does meanwhile or afterwards works. */
    private void assertServes() {
        Tube annas = connected(anna);
        Tube bjorns = connected(bjorn).send("421[\"location:subscribe\"]");
        while (!((String) bjorns.next()).startsWith("431[")) {
            // Who is online, and the latest positions.
        }
        annas.send("422[\"location:update\"," + Phone.update(64, -21).build() + "]");
        while (!((String) annas.next()).startsWith("432[{\"ok\":true")) {
            // Who is online.
        }
        while (!((String) bjorns.next()).startsWith("42[\"location:broadcast\"")) {
            // Who is online.
        }
        annas.close();
        bjorns.close();
    }

    @Test
    void noConnectionIsLeftBehind() throws Exception {
        BrokenRequests.make(server.uri("/socket.io/"), connect(anna), COUNT);
        assertServes();
        Server.await("the last connection has gone", NOTICED, () -> server.connections() == 0);
    }

    @Test
    void messagesHalfSaidByManyDoNotFillTheMemory() {
        List<Tube> tubes = new ArrayList<>();
        AtomicInteger refused = new AtomicInteger();
        Person talker = anna;
        for (int i = 0; i < HALF_SAID; i++) {
            if (i % PER_MEMBER == 0) {
                talker = server.join(anna, "Talker");
            }
            tubes.add(connected(talker));
        }
        String part = "4".repeat(45_000);
        for (Tube tube : tubes) {
            tube.whenClosed(code -> {
                // 1011 is the container's own word for it, where its buffer is full before there is no room in ours;
                // 1006 when TCP's reset overtakes the goodbye, because the peer still speaks when it is hung up on.
                if (code == 1013 || code == 1011 || code == 1006) {
                    refused.incrementAndGet();
                }
            });
            tube.sendParts(part, 20);
        }
        Server.await("most are refused", Duration.ofSeconds(60), () -> refused.get() >= HALF_SAID - 16);
        assertServes();
        assertThat(server.get("/api/health", null).status()).isEqualTo(200);
        tubes.forEach(Tube::close);
        Server.await("the last connection has gone", NOTICED, () -> server.connections() == 0);
    }
}
