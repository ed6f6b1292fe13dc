package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server is asked to end, as systemd and Ctrl-C ask it: by SIGTERM. */
class ShutdownIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void everyPeerIsToldAndTheServerEnds() {
        Map<String, String> settings =
                Map.of("DRAUGAR_DATA", folder.resolve("data").toString(), "DRAUGAR_SIGNUP", "open");
        try (ServerProcess process = ServerProcess.start(folder.resolve("server"), settings)) {
            Server server = process.awaitReady();
            Person anna = server.startFamily("Anna");
            try (Phone phone = Phone.connect(server, anna);
                    EventStream stream = EventStream.open(server, anna, null)) {
                phone.flush();
                process.stop();
                assertThat(phone.awaitClose(SOON).getCloseCode().getCode()).isEqualTo(1001);
                stream.awaitEnd(SOON);
            }
            process.awaitExit();
        }
    }
}
