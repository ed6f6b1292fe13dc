package org.draugar.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamReader;
import org.draugar.location.Fix;
import org.junit.jupiter.api.Test;

class GpxWriterTest {
    /** Which elements stand in which, in this order (gpx.xsd 1.1, TrackPointExtensionv2.xsd), as far as we use them. */
    private static final Map<String, List<String>> SCHEMA = Map.of(
            "gpx", List.of("trk"),
            "trk", List.of("name", "trkseg"),
            "trkseg", List.of("trkpt"),
            "trkpt", List.of("ele", "time", "extensions"),
            "extensions", List.of("TrackPointExtension", "accuracy", "battery", "charging", "activity", "alarm"),
            "TrackPointExtension", List.of("speed", "course"));

    @Test
    void whatIsWrittenIsReadBackTheSame() throws Exception {
        List<Fix> read = new ArrayList<>();
        ImportReport report = Importer.read(
                new ByteArrayInputStream(gpx("Anna", Fixes.track())), read::add, (bytes, understood) -> {});
        assertThat(read).isEqualTo(Fixes.track());
        assertThat(report).isEqualTo(new ImportReport("GPX 1.1", 4, 4, List.of()));
    }

    @Test
    void writesASegmentForEachStretchWithoutAGap() throws Exception {
        assertThat(text(gpx("Anna", Fixes.track())).split("<trkseg>")).hasSize(3);
    }

    @Test
    void keepsToTheSchema() throws Exception {
        XMLStreamReader xml = XMLInputFactory.newDefaultFactory()
                .createXMLStreamReader(new ByteArrayInputStream(gpx("Anna", Fixes.track())));
        List<String> open = new ArrayList<>();
        List<Integer> places = new ArrayList<>(List.of(0));
        while (xml.hasNext()) {
            int event = xml.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                String name = xml.getLocalName();
                assertThat(xml.getNamespaceURI()).isEqualTo(namespace(name));
                if (!open.isEmpty()) {
                    List<String> order = SCHEMA.get(open.get(open.size() - 1));
                    assertThat(order).contains(name);
                    int place = order.indexOf(name);
                    assertThat(place).isGreaterThanOrEqualTo(places.get(places.size() - 1));
                    places.set(places.size() - 1, place);
                }
                open.add(name);
                places.add(0);
                if (name.equals("gpx")) {
                    assertThat(xml.getAttributeValue(null, "version")).isEqualTo("1.1");
                    assertThat(xml.getAttributeValue(null, "creator")).isEqualTo("Draugar");
                }
                if (name.equals("trkpt")) {
                    // xsd:decimal: no exponent
                    assertThat(xml.getAttributeValue(null, "lat")).matches("-?[0-9]+\\.[0-9]+");
                    assertThat(xml.getAttributeValue(null, "lon")).matches("-?[0-9]+\\.[0-9]+");
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                open.remove(open.size() - 1);
                places.remove(places.size() - 1);
            }
        }
        assertThat(open).isEmpty();
    }

    private static String namespace(String element) {
        return switch (element) {
            case "TrackPointExtension", "speed", "course" -> GpxWriter.GARMIN;
            case "accuracy", "battery", "charging", "activity", "alarm" -> GpxWriter.DRAUGAR;
            default -> GpxWriter.GPX;
        };
    }

    @Test
    void northIsZeroSinceTheSchemaEndsBelow360() throws Exception {
        Fix north = new Fix(1, 1, Fixes.START, null, null, null, 360.0, null, null, null);
        assertThat(text(gpx("Anna", List.of(north)))).contains("<gpxtpx:course>0.0</gpxtpx:course>");
    }

    @Test
    void takesAnyName() throws Exception {
        assertThat(text(gpx("</name><wpt lat=\"0\" lon=\"0\"/> & 李 👩\u200D👧", List.of())))
                .contains("<name>&lt;/name&gt;&lt;wpt lat=\"0\" lon=\"0\"/&gt; &amp; 李 👩\u200D👧</name>");
    }

    @Test
    void replacesWhatXmlCannotHold() throws Exception {
        byte[] gpx = gpx("a\u0000b\u001Bc\uD800d\uFFFEe", List.of());
        assertThat(text(gpx)).contains("<name>a\uFFFDb\uFFFDc\uFFFDd\uFFFDe</name>");
        Importer.read(new ByteArrayInputStream(gpx), fix -> {}, (bytes, understood) -> {});
    }

    @Test
    void anEmptyTrackIsGpxToo() throws Exception {
        assertThat(text(gpx("Anna", List.of()))).endsWith("<trk><name>Anna</name></trk></gpx>");
    }

    @Test
    void leavesTheStreamOpenAndTellsOfItsFailure() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("gone");
            }

            @Override
            public void close() {
                throw new AssertionError("closed");
            }
        };
        List<Fix> many = Collections.nCopies(10_000, Fixes.EVERYTHING);
        assertThatThrownBy(() -> GpxWriter.write(broken, "Anna", many.iterator()))
                .isInstanceOf(IOException.class)
                .hasMessage("gone");
        assertThatThrownBy(() -> GeoJsonWriter.writePositions(broken, many.iterator()))
                .isInstanceOf(IOException.class)
                .hasMessage("gone");
    }

    private static byte[] gpx(String name, List<Fix> track) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GpxWriter.write(out, name, track.iterator());
        return out.toByteArray();
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
