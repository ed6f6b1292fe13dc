package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import org.draugar.support.ServerProcess;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Draugar says in a Payara that nobody has prepared for it. */
class StockPayaraIT {
    private static final File WAR = new File("target/draugar.war");

    @TempDir
    Path folder;

    @BeforeAll
    static void once() {
        assumeTrue(ServerProcess.CONTAINER.equals("payara-micro"), "Tested once, with Payara Micro");
    }

    @Test
    void itWarnsOfATyrusThatSetsATimerForEachMessage() {
        try (ServerProcess stock = start(WAR)) {
            assertThat(stock.awaitLine("WebSocket messages with Tyrus"))
                    .contains("Tyrus 2.1")
                    .contains("draugar.jar brings 2.2.2");
        }
    }

    @Test
    void itDoesNotStartOnAnH2ThatLosesWhatWasAcknowledged() {
        WebArchive withoutOwnClassLoading = ShrinkWrap.createFromZipFile(WebArchive.class, WAR);
        assertThat(withoutOwnClassLoading.delete("/WEB-INF/glassfish-web.xml")).isNotNull();
        File war = folder.resolve("draugar.war").toFile();
        withoutOwnClassLoading.as(ZipExporter.class).exportTo(war);
        try (ServerProcess stock = start(war)) {
            assertThat(stock.awaitLine("this server puts its own H2")).contains("before Draugar's 2.4");
        }
    }

    private ServerProcess start(File war) {
        return ServerProcess.stockPayaraMicro(
                war.toPath(), Map.of("DRAUGAR_DATA", folder.resolve("data").toString()));
    }
}
