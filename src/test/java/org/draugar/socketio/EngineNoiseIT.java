package org.draugar.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URL;
import java.time.Duration;
import org.draugar.socketio.Wire.Tube;
import org.draugar.socketio.echo.Echo;
import org.draugar.support.Server;
import org.draugar.support.ServerLog;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What no client would say, said to the echo application: its engines keep nothing of it. */
@ExtendWith(ArquillianExtension.class)
class EngineNoiseIT {
    private static final int COUNT = 5_000;

    @ArquillianResource
    private URL url;

    @Deployment(testable = false)
    static WebArchive echo() {
        return Echo.war();
    }

    @Test
    void noSessionIsLeftBehind() throws Exception {
        ServerLog log = ServerLog.fromNow();
        Noise.make(URI.create(url + "socket.io/"), "40{\"token\":\"a\"}", COUNT);
        Noise.make(URI.create(url + "engine.io/"), "4hello", COUNT);

        Server server = new Server(url);
        // Servers differ in where they put it.
        String sessions = url.getPath() + "sessions";
        Server.await(
                "the last session has gone",
                Duration.ofSeconds(60),
                () -> server.get(sessions, null).response().body().equals("0"));
        assertThat(log.uncaught()).isEmpty();
        Tube tube = new Wire(URI.create(url + "engine.io/")).socket();
        tube.next();
        assertThat(tube.send("4hello").nextButPings()).isEqualTo("4hello");
        tube.close();
    }
}
