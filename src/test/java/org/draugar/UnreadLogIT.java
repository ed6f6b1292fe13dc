package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Nobody reads what the server prints: its terminal is paused, or whatever its output goes to hangs. */
@Execution(ExecutionMode.CONCURRENT)
class UnreadLogIT {
    /** Each prints a line: more than a pipe and what waits before it can hold. */
    private static final int CONNECTS = 8_000;

    @TempDir
    Path folder;

    @Test
    void nobodyWaitsForTheLog() throws Exception {
        assumeFalse(
                ServerProcess.CONTAINER.equals("payara-server"),
                "Tested on Payara Micro, which is the same server, and on WildFly");
        Map<String, String> settings =
                Map.of("DRAUGAR_DATA", folder.resolve("data").toString(), "DRAUGAR_SIGNUP", "open");
        try (ServerProcess process = ServerProcess.start(folder.resolve("server"), settings)) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            process.log().expect("lines were left out here, because nobody read them");
            process.pauseReading();
            for (int i = 0; i < CONNECTS; i++) {
                EventStream.open(server, anna, null).close();
            }
            server.store(anna, 2000, Instant.now());
            assertThat(server.history(anna, "?limit=5000")).hasSize(2000);
            process.resumeReading();
            // WildFly does not count what it leaves out, and waits for its reader when it ends.
            if (!ServerProcess.CONTAINER.equals("wildfly")) {
                process.awaitLine("lines were left out here, because nobody read them");
                process.pauseReading();
                process.stop();
                process.awaitExit();
            }
        }
    }
}
