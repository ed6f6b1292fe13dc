package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.imageio.ImageIO;
import org.draugar.support.Browser;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.draugar.support.SharedServer;
import org.draugar.support.TileServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The map of streets that the server's owner may set, and who is asked for it. */
@Execution(ExecutionMode.CONCURRENT)
@SharedServer
class MapIT {
    private static final String MAKERS = "© OpenStreetMap contributors";
    /** Of what is green on a vector map by day. */
    private static final Color GREEN = new Color(0xdb, 0xe8, 0xcf);

    @TempDir
    Path folder;

    private final Server server;

    MapIT(Server server) {
        this.server = server;
    }

    @Test
    void nobodyElseIsAskedUnlessTheOwnerSaysSo() {
        assertThat(server.get("/api/maps", server.startFamily("Anna")).json()).isEmpty();
        assertThat(server.get("/api/maps", null).status()).isEqualTo(401);
        assertThat(policy(server))
                .contains("img-src 'self';", "connect-src 'self';")
                .doesNotContain("http");
    }

    @ParameterizedTest
    @CsvSource({
        "vector,  /planet,            img-src 'self';,   connect-src 'self' @;",
        "pmtiles, /land.pmtiles,      img-src 'self';,   connect-src 'self' @;",
        "pmtiles, /pictures.pmtiles,  img-src 'self';,   connect-src 'self' @;",
        "raster,  '/{z}/{x}/{y}.png', img-src 'self' @;, connect-src 'self';"
    })
    void streetsAreShownAndThePageSaysWhoIsAsked(String kind, String path, String images, String data) {
        assumeTrue(
                ServerProcess.CONTAINER.equals("payara-micro"),
                "The jar brings its own server: it is tested once, with Payara Micro");
        try (TileServer tiles = new TileServer();
                ServerProcess jar = ServerProcess.jar(Map.of(
                        "DRAUGAR_DATA",
                        folder.resolve("data").toString(),
                        "DRAUGAR_SIGNUP",
                        "open",
                        "DRAUGAR_MAP",
                        kind + " " + tiles.origin() + path,
                        "DRAUGAR_MAP_ATTRIBUTION",
                        MAKERS))) {
            Server server = jar.awaitReady();
            assertThat(policy(server)).contains(images.replace("@", tiles.origin()), data.replace("@", tiles.origin()));
            Person anna = server.startFamily("Anna");
            server.post(
                    "/api/locations",
                    anna,
                    Phone.update(64.1466, -21.9426).build().toString());
            try (Browser annas = Browser.open(server)) {
                annas.goAs(anna).awaitText("#connection", "Live").awaitText("#map-credit", MAKERS);
                Color ground = kind.equals("raster") || path.contains("pictures") ? TileServer.PICTURE : GREEN;
                Server.await("streets", Duration.ofSeconds(60), () -> covers(annas, ground));
                assertThat(tiles.requests()).isNotEmpty();

                annas.click("#settings-open").awaitText("#settings-streets-from", "They come from 127.0.0.1, which");
                annas.click("#settings-streets").click("#settings-close");
                Server.await("no streets", Duration.ofSeconds(60), () -> !covers(annas, ground));
                tiles.requests().clear();
                annas.go("/").awaitText("#connection", "Live").click("#settings-open");
                annas.awaitShown("#settings-streets");
                assertThat(annas.text("#map-credit")).isEqualTo("Natural Earth");
                assertThat(tiles.requests())
                        .as("who does not want it asks nobody")
                        .isEmpty();
            }
        }
    }

    /** Whether a good part of what is to be seen is of this colour. */
    private boolean covers(Browser browser, Color colour) {
        Path file = folder.resolve("page.png");
        browser.screenshot(file);
        try {
            BufferedImage picture = ImageIO.read(file.toFile());
            int count = 0;
            for (int x = 0; x < picture.getWidth(); x++) {
                for (int y = 0; y < picture.getHeight(); y++) {
                    count += (picture.getRGB(x, y) & 0xffffff) == (colour.getRGB() & 0xffffff) ? 1 : 0;
                }
            }
            return count > picture.getWidth() * picture.getHeight() / 4;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String policy(Server server) {
        return server.get("/", null)
                .response()
                .headers()
                .firstValue("Content-Security-Policy")
                .orElse("");
    }
}
