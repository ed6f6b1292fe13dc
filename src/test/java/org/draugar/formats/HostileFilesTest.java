package org.draugar.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.draugar.location.Fix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file may not do to the server: read its files, call others, fill its memory, take its time. */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
@Isolated("it measures the heap that all tests share")
class HostileFilesTest {
    private static final long MB = 1 << 20;
    /** More with {@code -DargLine=-Ddraugar.import.megabytes=4096}, when there is time. */
    private static final long SIZE = Long.getLong("draugar.import.megabytes", 64) * MB;

    private static final String GPX = "<gpx version=\"1.1\"><trk><trkseg>";
    private static final String GPX_POINT =
            "<trkpt lat=\"10.5\" lon=\"20.5\"><time>2025-05-01T10:00:00Z</time></trkpt>\n";
    private static final String RECORD =
            "{\"latitudeE7\":105000000,\"longitudeE7\":205000000,\"timestamp\":\"2025-05-01T10:00:00Z\"}";

    private final List<Fix> fixes = new ArrayList<>();

    @Test
    void readsNoFileOfTheServerAndCallsNobody(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "10.5");
        AtomicInteger calls = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            calls.incrementAndGet();
            exchange.sendResponseHeaders(404, -1);
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/evil.dtd";
            for (String type : List.of(
                    "<!DOCTYPE gpx [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>",
                    "<!DOCTYPE gpx [<!ENTITY x SYSTEM \"" + url + "\">]>",
                    "<!DOCTYPE gpx [<!ENTITY % x SYSTEM \"" + url + "\">%x;]>",
                    "<!DOCTYPE gpx SYSTEM \"" + url + "\">",
                    "<!DOCTYPE gpx PUBLIC \"x\" \"" + url + "\">")) {
                String point = "<trkpt lat=\"1\" lon=\"1\"><ele>&x;</ele><time>2025-05-01T10:00:00Z</time></trkpt>";
                assertThatThrownBy(() -> importText(type + GPX + point))
                        .isInstanceOf(UnknownFormat.class)
                        .hasMessageStartingWith("This XML file has a document type declaration, and GPX has none");
            }
            // The schema that every GPX file names is not fetched either; and XInclude is not understood.
            importText("<gpx xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"x " + url
                    + "\"><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"" + url + "\"/></gpx>");
        } finally {
            server.stop(0);
        }
        assertThat(calls).hasValue(0);
        assertThat(fixes).isEmpty();
    }

    @Test
    void laughsNotABillionTimes() {
        StringBuilder entities = new StringBuilder("<!DOCTYPE gpx [<!ENTITY a0 \"ha\">");
        for (int i = 1; i < 30; i++) {
            entities.append("<!ENTITY a%d \"&a%d;&a%d;&a%d;\">".formatted(i, i - 1, i - 1, i - 1));
        }
        assertThatThrownBy(() -> importText(entities + "]>" + GPX + "<name>&a29;</name>"))
                .isInstanceOf(UnknownFormat.class)
                .hasMessageContaining("document type");
    }

    @Test
    void knowsNoEntities() throws Exception {
        ImportReport report = importText(GPX + GPX_POINT + "<name>&x;</name>" + GPX_POINT);
        assertThat(report.understood()).isEqualTo(2);
        assertThat(report.notUnderstood().get(0).what()).contains("an entity that XML does not know");
    }

    @ParameterizedTest
    @CsvSource({
        "<gpx><trk>,               <trkseg>",
        "{\"locations\":[,         [",
        "{\"locations\":[,         '{\"activity\":'",
        "'{\"locations\":[],\"x\":', [",
        "'{\"locations\":[],\"x\":', '{\"x\":'",
    })
    void isNotBroughtDownByDepth(String start, String level) throws Exception {
        ImportReport report = importEndless(start, level);
        assertThat(report.notUnderstood()).singleElement().satisfies(kind -> assertThat(kind.what())
                .isEqualTo("the rest of the file: it is nested deeper than 64 levels"));
    }

    /** Whatever a parser keeps in memory as a whole. */
    @ParameterizedTest
    @CsvSource({
        "<gpx><!--, x",
        "<gpx><?x, x",
        "<gpx><a b=\", x",
        "<gpx><, x",
        "<gpx><a , ' '",
        "<gpx><a xmlns:x=\", x",
        "'<gpx><trk><trkseg><trkpt lat=\"', 1",
        "<gpx><![CDATA[, x",
        "'{\"locations\":[{\"latitudeE7\":', 1",
        "'{\"locations\":[{\"latitudeE7\":0.', 0",
        "'{\"locations\":[{\"latitudeE7\":\"', 1",
        "'{\"locations\":[{\"', x",
        "'{\"locations\":[],\"x\":\"', \\u0061",
        "'{\"locations\":[', ' '",
    })
    void isNotBroughtDownByOneHugeValue(String start, String more) throws Exception {
        ImportReport report = importEndless(start, more);
        assertThat(report.notUnderstood()).singleElement().satisfies(kind -> assertThat(kind.what())
                .isIn(
                        "the rest of the file: a single value in it is larger than 1 MB",
                        "the rest of the file: a single value in it is larger than 16 MB"));
    }

    @ParameterizedTest
    @CsvSource({
        "<gpx>,             <a%d/>",
        "<gpx>,             <a b%d='1'/>",
        "<gpx>,             <a xmlns:x='%d'/>",
        "<gpx>,             <a xmlns:x%d='x'/>",
        "<gpx>,             <?x%d x?>",
        "{\"locations\":[[, '%d,'",
        "{\"locations\":[{, '\"x\":[{},{},%d],'",
        "{\"locations\":[{, '\"activity\":[{},{},%d],'",
    })
    void keepsLittleOfWhatIsAlwaysNew(String start, String more) throws Exception {
        long[] used = new long[1];
        AtomicLong bytes = new AtomicLong();
        String[] around = more.split("%d", -1);
        IntFunction<String> parts = i -> around[0] + i + around[1];
        ImportReport report = Importer.read(stream(start, 64 * MB, parts), fixes::add, (read, understood) -> {
            bytes.set(read);
            used[0] = Math.max(used[0], read % (16 * MB) < 2 * MB ? usedHeap() : 0);
        });
        assertThat(used[0]).isLessThan(128 * MB);
        assertThat(report.notUnderstood()).hasSizeBetween(1, 2);
    }

    @Test
    void aPictureWithinAWaypointIsPassedOver() throws Exception {
        ImportReport report =
                importText("<gpx version=\"1.1\"><wpt lat=\"1\" lon=\"2\"><link href=\"data:image/jpeg;base64,"
                        + "QUJD".repeat(400_000) + "\"/></wpt><trk><trkseg>" + GPX_POINT.repeat(2)
                        + "</trkseg></trk></gpx>");
        assertThat(report.understood()).isEqualTo(2);
        assertThat(report.notUnderstood()).hasSize(1);
    }

    @Test
    void kindsOfWhatWasNotUnderstoodAreFewAndHoldNothingOfTheFile() throws Exception {
        StringBuilder json = new StringBuilder("{\"locations\":[");
        for (int i = 0; i < 10_000; i++) {
            json.append("{\"latitudeE7\":\"secret%d\",\"longitudeE7\":12345678},".formatted(i));
        }
        ImportReport report = importText(json + "{}]}");
        assertThat(report.notUnderstood()).hasSize(1);
        assertThat(report.notUnderstood().get(0).count()).isEqualTo(10_001);
        assertThat(report.toString()).doesNotContain("secret", "12345678", "1.2345678");
    }

    @Test
    void longDigitsTakeNoTime() throws Exception {
        String digits = "9".repeat(900_000);
        ImportReport report = importText("{\"locations\":[{\"latitudeE7\":" + digits + ",\"longitudeE7\":1e-" + digits
                + ",\"timestampMs\":" + digits + "}," + RECORD + "]}");
        assertThat(report.understood()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpx", "records", "paths"})
    void aFileOfManyGigabytesTakesLittleMemory(String format) throws Exception {
        InputStream file =
                switch (format) {
                    case "gpx" -> stream(GPX, SIZE, i -> GPX_POINT);
                    case "records" -> stream("{\"locations\":[", SIZE, i -> RECORD + ",\n");
                    default ->
                        stream(
                                "{\"semanticSegments\":[",
                                SIZE,
                                i -> "{\"startTime\":\"2025-05-01T10:00:00Z\",\"timelinePath\":["
                                        + "{\"point\":\"10.5°, 20.5°\",\"time\":\"2025-05-01T10:00:00Z\"}]},\n");
                };
        AtomicLong taken = new AtomicLong();
        AtomicLong most = new AtomicLong();
        AtomicLong calls = new AtomicLong();
        long before = usedHeap();
        long start = System.nanoTime();
        ImportReport report = Importer.read(file, fix -> taken.incrementAndGet(), (bytes, understood) -> {
            assertThat(understood).isEqualTo(taken.get());
            if (calls.incrementAndGet() % (SIZE / MB / 4) == 0) {
                most.set(Math.max(most.get(), usedHeap()));
            }
        });
        System.out.printf(
                "%s: %,d positions of %,d MB in %,d ms, at most %,d MB more in use%n",
                format, taken.get(), SIZE / MB, (System.nanoTime() - start) / 1_000_000, (most.get() - before) / MB);
        assertThat(report.understood()).isEqualTo(taken.get()).isGreaterThan(SIZE / 200);
        assertThat(calls.get()).isGreaterThan(SIZE / MB / 2);
        assertThat(most.get()).isLessThan(before + 32 * MB);
    }

    private static long usedHeap() {
        ManagementFactory.getMemoryMXBean().gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private ImportReport importText(String text) throws Exception {
        return Importer.read(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), fixes::add, (bytes, understood) -> {});
    }

    /** Reads a file that goes on for longer than anybody waits, and sees that it was given up early. */
    private ImportReport importEndless(String start, String more) throws Exception {
        AtomicLong bytes = new AtomicLong();
        ImportReport report = Importer.read(
                stream(start, Long.MAX_VALUE, i -> more), fixes::add, (read, understood) -> bytes.set(read));
        // Of XML, where a value may be a picture, nothing is held.
        assertThat(bytes.get()).isLessThan((start.startsWith("<") ? 17 : 2) * MB);
        return report;
    }

    /** A file made while it is read. */
    private static InputStream stream(String start, long size, IntFunction<String> parts) {
        return new InputStream() {
            private byte[] part = start.getBytes(StandardCharsets.UTF_8);
            private int position;
            private long total;
            private int next;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0];
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (total >= size) {
                    return -1;
                }
                int filled = 0;
                while (filled < length) {
                    if (position == part.length) {
                        part = parts.apply(next++).getBytes(StandardCharsets.UTF_8);
                        position = 0;
                    }
                    int count = Math.min(length - filled, part.length - position);
                    System.arraycopy(part, position, target, offset + filled, count);
                    position += count;
                    filled += count;
                }
                total += filled;
                return filled;
            }
        };
    }
}
