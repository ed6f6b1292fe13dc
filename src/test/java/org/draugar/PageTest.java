package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.draugar.support.Contract;
import org.draugar.support.Node;
import org.junit.jupiter.api.Test;

/** The page's code, without a browser. */
class PageTest {

    /** Its JSDoc, against the published declarations and OpenLayers' own; and each language against English. */
    @Test
    void itsTypesFit() throws IOException {
        Node node = Node.install("page", "tsconfig.json", "ol.d.ts");
        Path folder = node.folder();
        Files.writeString(folder.resolve("draugar.d.ts"), Contract.text("draugar.d.ts"));
        for (String part : List.of("app", "messages")) {
            Files.createDirectories(folder.resolve(part));
            try (Stream<Path> files = Files.list(Path.of("webapp", part))) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            folder.resolve(part).resolve(file.getFileName()),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        Files.createDirectories(folder.resolve("lib"));
        Files.move(folder.resolve("ol.d.ts"), folder.resolve("lib/ol.d.ts"), StandardCopyOption.REPLACE_EXISTING);
        Node.Ran tsc = node.run("node", "node_modules/typescript/lib/tsc.js", "-p", ".");
        assertThat(tsc.output()).isEmpty();
        assertThat(tsc.status()).isZero();
    }

    /** The numbers are those of the specification of PMTiles. */
    @Test
    void aTileIsFoundInAnArchive() throws IOException {
        Node node = Node.install("page");
        Files.copy(
                Path.of("webapp/app/pmtiles.js"),
                node.folder().resolve("pmtiles.mjs"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(
                node.folder().resolve("numbers.mjs"),
                "import { tileId } from './pmtiles.mjs';\n"
                        + "console.log([[0, 0, 0], [1, 0, 0], [1, 0, 1], [1, 1, 1], [1, 1, 0], [2, 0, 0],"
                        + " [12, 3423, 1763]].map((tile) => tileId(...tile)).join());");
        assertThat(node.run("node", "numbers.mjs").output().strip()).isEqualTo("0,1,2,3,4,5,19078479");
    }

    /** Home, an hour; a way; a shop, half an hour; back home, an hour. */
    @Test
    void aReplayPassesStaysFasterAndAPlaceHasOneNumber() throws IOException {
        Node node = Node.install("page");
        for (String module : List.of("journey", "geo")) {
            Files.writeString(
                    node.folder().resolve(module + ".mjs"),
                    Files.readString(Path.of("webapp/app", module + ".js")).replace("./geo.js", "./geo.mjs"));
        }
        Files.writeString(
                node.folder().resolve("replay.mjs"),
                """
                import { Journey } from './journey.mjs';
                const at = (minute, latitude) =>
                  ({ latitude, longitude: -21, timestamp: new Date(minute * 60_000).toISOString() });
                const positions = [];
                for (let minute = 0; minute <= 170; minute++) {
                  const way = minute < 60 ? 0 : minute < 70 ? (minute - 60) / 10 : minute < 100 ? 1
                    : minute < 110 ? (110 - minute) / 10 : 0;
                  positions.push(at(minute, 64 + way * 0.05));
                }
                const journey = new Journey(positions);
                const half = journey.later(journey.from, journey.replayTime / 2) / 60_000;
                console.log(journey.stops.map(({ number }) => number).join(), Math.round(half),
                  journey.later(journey.from, journey.replayTime) === journey.to, journey.replayTime < 30 * 60_000);
                """);
        assertThat(node.run("node", "replay.mjs").output().strip()).matches("1,2,1 (8\\d|9\\d) true true");
    }

    @Test
    void everyLineFitsTheScreen() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("webapp"))) {
            for (Path file : files.filter(f -> f.toString().matches(".*\\.(js|css|html)"))
                    .toList()) {
                assertThat(Files.readAllLines(file)).as(file.toString()).allMatch(line -> line.length() <= 120);
            }
        }
    }
}
