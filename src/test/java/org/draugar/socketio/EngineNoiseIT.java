package org.draugar.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.draugar.socketio.Wire.Tube;
import org.draugar.support.Extent;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.Test;

/** What no client would say, said to the echo application: its engines keep nothing of it. */
@SharedServer(echo = true)
class EngineNoiseIT {
    private static final int COUNT = Extent.of("EngineNoiseIT: broken requests to each engine", 1_000, 5_000);

    @Test
    void noSessionIsLeftBehind(Server server) throws Exception {
        BrokenRequests.make(server.uri("/socket.io/"), "40{\"token\":\"a\"}", COUNT);
        BrokenRequests.make(server.uri("/engine.io/"), "4hello", COUNT);

        Server.await(
                "the last session has gone",
                Duration.ofSeconds(60),
                () -> server.get("/sessions", null).response().body().equals("0"));
        Tube tube = new Wire(server.uri("/engine.io/")).socket();
        tube.next();
        assertThat(tube.send("4hello").nextButPings()).isEqualTo("4hello");
        tube.close();
    }
}
