package org.draugar.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.draugar.formats.ImportReport.NotUnderstood;
import org.draugar.location.Fix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImporterTest {
    private static final String NO_PLACE = "position whose latitude or longitude is missing or no number";
    private static final String OFF_EARTH =
            "position whose latitude is not within -90 to 90 or longitude not within -180 to 180";
    private static final String NO_TIME = "position without a time, or with one that is not ISO 8601";

    private final List<Fix> fixes = new ArrayList<>();

    @Test
    void readsGpx11() throws Exception {
        ImportReport report = importFile("track-1.1.gpx");
        assertThat(fixes)
                .containsExactly(
                        new Fix(
                                10.5001,
                                20.5001,
                                at("2025-05-01T10:00:00Z"),
                                null,
                                101.5,
                                1.25,
                                270.5,
                                null,
                                null,
                                null),
                        plain(10.5002, 20.5002, "2025-05-01T10:00:10.500Z", null),
                        plain(10.5005, 20.5005, "2025-05-01T10:01:00Z", null));
        assertThat(report)
                .isEqualTo(new ImportReport(
                        "GPX 1.1",
                        12,
                        3,
                        List.of(
                                new NotUnderstood(
                                        "waypoint (wpt), which is a place and not part of a track", 1, "line 5"),
                                new NotUnderstood("route (rte), which is a plan and not a track", 1, "line 6"),
                                new NotUnderstood(NO_TIME, 2, "line 21"),
                                new NotUnderstood(NO_PLACE, 2, "line 23"),
                                new NotUnderstood(OFF_EARTH, 1, "line 24"),
                                new NotUnderstood(
                                        "position timed before 1990, as by a clock that was never set", 1, "line 26"),
                                new NotUnderstood("position timed in the future", 1, "line 27"))));
    }

    @Test
    void readsGpx10() throws Exception {
        ImportReport report = importFile("track-1.0.gpx");
        assertThat(fixes)
                .containsExactly(
                        new Fix(-33.25, -70.75, at("2009-10-17T18:37:26Z"), null, 0.0, 2.5, 12.0, null, null, null));
        assertThat(report).isEqualTo(new ImportReport("GPX 1.0", 1, 1, List.of()));
    }

    @Test
    void readsRecordsOfTakeout() throws Exception {
        ImportReport report = importFile("Records.json");
        assertThat(fixes)
                .containsExactly(
                        new Fix(
                                10.5001,
                                20.5001,
                                at("2022-02-12T15:10:50.190Z"),
                                20.0,
                                150.0,
                                3.0,
                                270.0,
                                null,
                                true,
                                "walking"),
                        plain(10.5002, -70.0002, "2015-05-07T12:08:07.123Z", null));
        assertThat(report)
                .isEqualTo(new ImportReport(
                        "Google Records.json",
                        6,
                        2,
                        List.of(
                                new NotUnderstood(NO_PLACE, 1, "locations[2]"),
                                new NotUnderstood(NO_TIME, 2, "locations[3]"),
                                new NotUnderstood(OFF_EARTH, 1, "locations[4]"))));
    }

    @Test
    void readsAMonthOfSemanticLocationHistory() throws Exception {
        ImportReport report = importFile("2022_MARCH.json");
        assertThat(fixes)
                .containsExactly(
                        plain(10.5, 20.5, "2022-03-03T12:00:00Z", "in_bus"),
                        accurate(10.51, 20.51, "2022-03-03T12:10:00Z", 10, "in_bus"),
                        accurate(10.52, 20.52, "2022-03-03T12:20:00Z", 13, "in_bus"),
                        plain(10.59, 20.59, "2022-03-03T12:30:00Z", "in_bus"),
                        plain(10.59, 20.59, "2022-03-03T12:30:00Z", null),
                        plain(10.59, 20.59, "2022-03-03T13:30:00Z", null),
                        plain(10.5, 20.5, "2022-03-03T14:00:00Z", "walking"),
                        plain(10.51, 20.51, "2022-03-03T14:10:00Z", "walking"),
                        plain(10.52, 20.52, "2022-03-03T14:20:00Z", "walking"));
        assertThat(report)
                .isEqualTo(new ImportReport(
                        "Google Semantic Location History",
                        12,
                        9,
                        List.of(
                                new NotUnderstood("visit within a visit, which was taken", 1, "timelineObjects[1]"),
                                new NotUnderstood(NO_PLACE, 1, "timelineObjects[2].activitySegment.endLocation"),
                                new NotUnderstood("entry that is no activity and no visit", 1, "timelineObjects[3]"))));
    }

    @Test
    void readsTheTimelineOfAnAndroidDevice() throws Exception {
        ImportReport report = importFile("Timeline.json");
        assertThat(fixes)
                .containsExactly(
                        plain(10.5001, 20.5001, "2024-06-16T18:41:00Z", null),
                        plain(10.5002, -20.5002, "2024-06-16T18:45:00Z", null),
                        plain(10.6, 20.6, "2024-06-16T20:00:00Z", null),
                        plain(10.6, 20.6, "2024-06-17T04:00:00Z", null),
                        plain(10.6, 20.6, "2024-06-17T04:00:00Z", "cycling"),
                        plain(10.7, 20.7, "2024-06-17T04:20:00Z", "cycling"),
                        new Fix(10.8, 20.8, at("2024-06-17T06:00:01Z"), 11.0, 98.5, 1.5, null, null, null, null));
        assertThat(report)
                .isEqualTo(new ImportReport(
                        "Google Timeline of Android",
                        9,
                        7,
                        List.of(
                                new NotUnderstood(NO_PLACE, 1, "semanticSegments[0].timelinePath[2]"),
                                new NotUnderstood("visit within a visit, which was taken", 1, "semanticSegments[2]"))));
    }

    @Test
    void readsTheTimelineOfAnIphone() throws Exception {
        ImportReport report = importFile("location-history.json");
        assertThat(fixes)
                .containsExactly(
                        plain(10.5001, 20.5001, "2024-08-01T08:12:00Z", null),
                        plain(-10.5002, -20.5002, "2024-08-01T09:59:00Z", null),
                        plain(10.6, 20.6, "2024-08-01T10:00:00Z", null),
                        plain(10.6, 20.6, "2024-08-01T12:00:00Z", null),
                        plain(10.6, 20.6, "2024-08-01T12:00:00Z", "in passenger vehicle"),
                        plain(10.7, 20.7, "2024-08-01T12:30:00Z", "in passenger vehicle"));
        assertThat(report)
                .isEqualTo(new ImportReport(
                        "Google Timeline of an iPhone",
                        8,
                        6,
                        List.of(
                                new NotUnderstood(NO_TIME, 1, "[0].timelinePath[2]"),
                                new NotUnderstood("entry that is no path, no visit and no activity", 1, "[4]"))));
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-8, true",
        "UTF-16BE, true",
        "UTF-16LE, true",
        "UTF-16BE, false",
        "UTF-16LE, false",
    })
    void readsEveryUnicode(String charset, boolean byteOrderMark) throws Exception {
        for (String file : List.of("track-1.1.gpx", "Timeline.json")) {
            ImportReport expected = importFile(file);
            List<Fix> expectedFixes = List.copyOf(fixes);
            fixes.clear();
            String text = new String(resource(file).readAllBytes(), StandardCharsets.UTF_8).replace("UTF-8", charset);
            assertThat(importBytes(((byteOrderMark ? "\uFEFF" : "") + text).getBytes(charset)))
                    .isEqualTo(expected);
            assertThat(fixes).isEqualTo(expectedFixes);
            fixes.clear();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "12",
                "\"locations\"",
                "PK\u0003\u0004",
                "latitude,longitude\n1,2",
                "<",
                "<html><br></html>",
                "<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document/></kml>",
                "<gpx",
                "{}",
                "[]",
                "[1,2]",
                "[[[[",
                "{\"a\":",
                "{\"type\":\"FeatureCollection\",\"features\":[]}",
                "{\"locations\":3}",
                "[{\"startTime\":\"2024-08-01T12:00:00Z\"}]"
            })
    void saysWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> importText(text))
                .isInstanceOf(UnknownFormat.class)
                .hasMessageContaining("Expected a GPX file, or one of Google Timeline's");
        assertThat(fixes).isEmpty();
    }

    @Test
    void keepsWhatCameBeforeTheFileBreaksOff() throws Exception {
        String gpx = new String(resource("track-1.1.gpx").readAllBytes(), StandardCharsets.UTF_8);
        ImportReport report = importText(gpx.substring(0, gpx.indexOf("10.5003")));
        assertThat(fixes).hasSize(2);
        assertThat(report.notUnderstood())
                .endsWith(
                        new NotUnderstood("the rest of the file: it is not well-formed XML, or cut off", 1, "line 21"));

        fixes.clear();
        String json = new String(resource("Timeline.json").readAllBytes(), StandardCharsets.UTF_8);
        report = importText(json.substring(0, json.indexOf("somewhere")));
        assertThat(fixes).isEmpty();
        assertThat(report.notUnderstood())
                .containsExactly(new NotUnderstood(
                        "the rest of the file: it is not JSON, or cut off", 1, "semanticSegments[0]"));
        report = importText(json.replace("\"wifiScan\":", "\"wifiScan\""));
        assertThat(fixes).hasSize(7);
        assertThat(report.notUnderstood())
                .endsWith(new NotUnderstood("the rest of the file: it is not JSON, or cut off", 1, "rawSignals[2]"));
    }

    /** Every prefix of a file is a file, too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "track-1.1.gpx",
                "track-1.0.gpx",
                "Records.json",
                "2022_MARCH.json",
                "Timeline.json",
                "location-history.json"
            })
    void standsAnyCut(String file) throws Exception {
        byte[] bytes = resource(file).readAllBytes();
        importBytes(bytes);
        List<Fix> all = List.copyOf(fixes);
        for (int length = 0; length < bytes.length; length++) {
            fixes.clear();
            try {
                importBytes(Arrays.copyOf(bytes, length));
            } catch (UnknownFormat e) {
                assertThat(fixes).isEmpty();
            }
            assertThat(fixes).isEqualTo(all.subList(0, fixes.size()));
        }
    }

    @Test
    void tellsAFailureOfTheStreamFromABrokenFile() {
        for (String start : List.of("<gpx><trk>", "{\"locations\":[")) {
            InputStream dropped = new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("connection reset");
                }

                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    throw new IOException("connection reset");
                }
            };
            byte[] bytes = (start + " ".repeat(2000)).getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> Importer.read(
                            new SequenceInputStream(new ByteArrayInputStream(bytes), dropped),
                            fixes::add,
                            (b, u) -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessage("connection reset");
        }
    }

    @Test
    void whatTheTakerThrowsEndsTheImport() {
        for (String file : List.of("track-1.1.gpx", "Timeline.json")) {
            assertThatThrownBy(() -> Importer.read(
                            resource(file),
                            fix -> {
                                throw new IllegalStateException("the store is full");
                            },
                            (bytes, understood) -> {}))
                    .hasMessage("the store is full");
        }
    }

    @Test
    void saysTheLineOfTheFirstLetterInAnotherEncoding() throws Exception {
        String gpx = "<gpx version=\"1.1\">\n\n<name>Stra\u00DFe</name>\n<name>\u00DF</name></gpx>";
        assertThat(importBytes(gpx.getBytes(StandardCharsets.ISO_8859_1)).notUnderstood())
                .singleElement()
                .satisfies(flaw -> {
                    assertThat(flaw.what()).contains("encoding");
                    assertThat(flaw.first()).isEqualTo("line 3");
                });
    }

    @Test
    void leavesTheFileOpen() throws Exception {
        for (String file : List.of("track-1.1.gpx", "Timeline.json")) {
            InputStream open = new ByteArrayInputStream(resource(file).readAllBytes()) {
                @Override
                public void close() {
                    throw new AssertionError("closed");
                }
            };
            Importer.read(open, fixes::add, (bytes, understood) -> {});
        }
    }

    private ImportReport importFile(String name) throws Exception {
        return importBytes(resource(name).readAllBytes());
    }

    private ImportReport importText(String text) throws Exception {
        return importBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private ImportReport importBytes(byte[] bytes) throws Exception {
        long[] progress = new long[2];
        ImportReport report = Importer.read(new ByteArrayInputStream(bytes), fixes::add, (read, understood) -> {
            progress[0] = read;
            progress[1] = understood;
        });
        assertThat(progress[0]).isLessThanOrEqualTo(bytes.length);
        assertThat(progress[1]).isEqualTo(report.understood()).isEqualTo(fixes.size());
        return report;
    }

    private static InputStream resource(String name) {
        return ImporterTest.class.getResourceAsStream("/formats/" + name);
    }

    private static Instant at(String time) {
        return Instant.parse(time);
    }

    private static Fix plain(double latitude, double longitude, String time, String activity) {
        return new Fix(latitude, longitude, at(time), null, null, null, null, null, null, activity);
    }

    private static Fix accurate(double latitude, double longitude, String time, double accuracy, String activity) {
        return new Fix(latitude, longitude, at(time), accuracy, null, null, null, null, null, activity);
    }
}
