package org.draugar.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SlowTyrusIT {

    @BeforeAll
    static void onlyWhereThereIsTyrus() {
        assumeTrue(ServerProcess.CONTAINER.equals("payara-micro"), "Tested once, with Payara Micro");
    }

    @Test
    void theUberjarHasNone() throws IOException {
        try (JarFile uberjar = new JarFile("target/draugar.jar");
                JarInputStream tyrus = new JarInputStream(
                        uberjar.getInputStream(uberjar.getEntry("MICRO-INF/runtime/tyrus-core.jar")))) {
            String version = tyrus.getManifest().getMainAttributes().getValue("Bundle-Version");
            assertThat(version).matches("\\d+\\.\\d+\\.\\d+").satisfies(v -> assertThat(SlowTyrus.isSlow(v))
                    .isFalse());
        }
    }
}
