package org.draugar.formats;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.draugar.location.Fix;
import org.junit.jupiter.api.Test;

class GeoJsonWriterTest {

    @Test
    void writesAFeatureForEachPosition() throws Exception {
        JsonArray features = features(positions(Fixes.track()));
        assertThat(features).hasSize(4);
        assertThat(features.get(0))
                .isEqualTo(
                        json(
                                """
                {"type":"Feature",
                 "geometry":{"type":"Point","coordinates":[-20.5001,10.5001,-3.25]},
                 "properties":{"timestamp":"2025-05-01T10:00:00.000Z","accuracy":12.5,"speed":1.5,"bearing":270.25,
                   "battery":0.5,"charging":true,"activity":"on a <bike> & \\"happy\\" 🚲","alarm":"sos"}}"""));
        assertThat(features.get(2))
                .isEqualTo(
                        json(
                                """
                {"type":"Feature",
                 "geometry":{"type":"Point","coordinates":[-180.0,-90.0]},
                 "properties":{"timestamp":"2025-05-01T10:20:01.000Z"}}"""));
    }

    @Test
    void anEmptyHistoryIsACollectionToo() throws Exception {
        assertThat(positions(List.of())).isEqualTo(json("{\"type\":\"FeatureCollection\",\"features\":[]}"));
        assertThat(track(List.of())).isEqualTo(json("{\"type\":\"FeatureCollection\",\"features\":[]}"));
    }

    @Test
    void writesALineForEachSegmentAndAPointForALonePosition() throws Exception {
        List<Fix> track = List.of(Fixes.at(0, 1, 2), Fixes.at(600, 3, 4), Fixes.at(1201, 5, 6));
        assertThat(features(track(track)))
                .isEqualTo(
                        json(
                                """
                [{"type":"Feature",
                  "geometry":{"type":"LineString","coordinates":[[2.0,1.0],[4.0,3.0]]},
                  "properties":{"coordTimes":["2025-05-01T10:00:00.000Z","2025-05-01T10:10:00.000Z"]}},
                 {"type":"Feature",
                  "geometry":{"type":"Point","coordinates":[6.0,5.0]},
                  "properties":{"coordTimes":["2025-05-01T10:20:01.000Z"]}}]"""));
    }

    @Test
    void cutsALineAtTheAntimeridian() throws Exception {
        List<Fix> track = List.of(Fixes.at(0, 10, 179), Fixes.at(40, 14, -177), Fixes.at(50, 14, 179));
        assertThat(features(track(track)))
                .isEqualTo(
                        json(
                                """
                [{"type":"Feature",
                  "geometry":{"type":"LineString","coordinates":[[179.0,10.0],[180.0,11.0]]},
                  "properties":{"coordTimes":["2025-05-01T10:00:00.000Z","2025-05-01T10:00:10.000Z"]}},
                 {"type":"Feature",
                  "geometry":{"type":"LineString","coordinates":[[-180.0,11.0],[-177.0,14.0],[-180.0,14.0]]},
                  "properties":{"coordTimes":
                    ["2025-05-01T10:00:10.000Z","2025-05-01T10:00:40.000Z","2025-05-01T10:00:47.500Z"]}},
                 {"type":"Feature",
                  "geometry":{"type":"LineString","coordinates":[[180.0,14.0],[179.0,14.0]]},
                  "properties":{"coordTimes":["2025-05-01T10:00:47.500Z","2025-05-01T10:00:50.000Z"]}}]"""));
    }

    private static JsonArray features(JsonValue collection) {
        assertThat(collection.asJsonObject().getString("type")).isEqualTo("FeatureCollection");
        return collection.asJsonObject().getJsonArray("features");
    }

    private static JsonValue json(String text) {
        return Json.createReader(new StringReader(text)).readValue();
    }

    private static JsonObject positions(List<Fix> positions) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GeoJsonWriter.writePositions(out, positions.iterator());
        return read(out);
    }

    private static JsonObject track(List<Fix> track) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GeoJsonWriter.writeTrack(out, Segments.split(track));
        return read(out);
    }

    private static JsonObject read(ByteArrayOutputStream out) {
        return Json.createReader(new ByteArrayInputStream(out.toByteArray())).readObject();
    }
}
