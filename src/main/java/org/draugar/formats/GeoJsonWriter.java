package org.draugar.formats;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.draugar.location.Fix;

/** Writes positions as GeoJSON (RFC 7946), a {@code FeatureCollection}. */
public final class GeoJsonWriter {
    private static final JsonGeneratorFactory GENERATORS = Json.createGeneratorFactory(Map.of());

    private final JsonGenerator json;

    private GeoJsonWriter(JsonGenerator json) {
        this.json = json;
    }

    /**
     * Writes a {@code Feature} for each position, a {@code Point} {@code [longitude, latitude, altitude?]} with the
     * properties {@code timestamp} (ISO 8601, UTC, milliseconds), and, where known, {@code accuracy}, {@code speed},
     * {@code bearing}, {@code battery}, {@code charging}, {@code activity} and {@code alarm}, in the units of
     * {@link Fix}. Positions are taken one by one, and the stream is not closed.
     *
     * @throws IOException of the stream
     */
    public static void writePositions(OutputStream out, Iterator<Fix> positions) throws IOException {
        write(out, writer -> positions.forEachRemaining(writer::position));
    }

    /**
     * Writes a {@code Feature} for each segment, for drawing: a {@code LineString} with the property {@code coordTimes},
     * the time of each of its positions. A segment of one position is a {@code Point}, since a line has two (section
     * 3.1.4); one across the antimeridian is cut there (section 3.1.9), or it would be drawn around the whole Earth. The
     * stream is not closed.
     *
     * @param segments as {@link Segments#split} makes them; each may be simplified
     * @throws IOException of the stream
     */
    public static void writeTrack(OutputStream out, Iterable<List<Fix>> segments) throws IOException {
        write(out, writer -> segments.forEach(writer::segment));
    }

    private interface Features {
        void writeTo(GeoJsonWriter writer);
    }

    private static void write(OutputStream out, Features features) throws IOException {
        try {
            // Not closed, since that closes the stream, which is the caller's.
            JsonGenerator json = GENERATORS.createGenerator(out);
            json.writeStartObject().write("type", "FeatureCollection").writeStartArray("features");
            features.writeTo(new GeoJsonWriter(json));
            json.writeEnd().writeEnd().flush();
        } catch (JsonException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }

    private void position(Fix fix) {
        json.writeStartObject().write("type", "Feature");
        json.writeStartObject("geometry").write("type", "Point").writeStartArray("coordinates");
        json.write(fix.longitude()).write(fix.latitude());
        if (fix.altitude() != null) {
            json.write(fix.altitude());
        }
        json.writeEnd().writeEnd();
        json.writeStartObject("properties").write("timestamp", Iso8601.format(fix.measuredAt()));
        property("accuracy", fix.accuracy());
        property("speed", fix.speed());
        property("bearing", fix.bearing());
        property("battery", fix.battery());
        if (fix.charging() != null) {
            json.write("charging", fix.charging());
        }
        if (fix.activity() != null) {
            json.write("activity", fix.activity());
        }
        if (fix.alarm() != null) {
            json.write("alarm", fix.alarm());
        }
        json.writeEnd().writeEnd();
    }

    private void property(String name, Double value) {
        if (value != null) {
            json.write(name, value);
        }
    }

    /** A vertex of a line. */
    private record Vertex(double longitude, double latitude, Instant at) {}

    private void segment(List<Fix> segment) {
        List<Vertex> line = new ArrayList<>();
        for (Fix fix : segment) {
            Vertex vertex = new Vertex(fix.longitude(), fix.latitude(), fix.measuredAt());
            if (!line.isEmpty()) {
                Vertex last = line.get(line.size() - 1);
                double eastward = vertex.longitude() - last.longitude();
                if (Math.abs(eastward) > 180) {
                    double edge = Math.copySign(180, last.longitude());
                    double share = share(edge - last.longitude(), 360 - Math.abs(eastward));
                    double latitude = last.latitude() + share * (vertex.latitude() - last.latitude());
                    Duration way = Duration.between(last.at(), vertex.at());
                    Instant at = last.at().plusMillis(Math.round(share * way.toMillis()));
                    line.add(new Vertex(edge, latitude, at));
                    feature(line);
                    line = new ArrayList<>(List.of(new Vertex(-edge, latitude, at)));
                }
            }
            line.add(vertex);
        }
        if (!line.isEmpty()) {
            feature(line);
        }
    }

    private static double share(double part, double whole) {
        return whole == 0 ? 0 : Math.abs(part) / whole;
    }

    private void feature(List<Vertex> line) {
        json.writeStartObject().write("type", "Feature").writeStartObject("geometry");
        if (line.size() == 1) {
            json.write("type", "Point").writeStartArray("coordinates");
            json.write(line.get(0).longitude()).write(line.get(0).latitude());
        } else {
            json.write("type", "LineString").writeStartArray("coordinates");
            for (Vertex vertex : line) {
                json.writeStartArray()
                        .write(vertex.longitude())
                        .write(vertex.latitude())
                        .writeEnd();
            }
        }
        json.writeEnd().writeEnd().writeStartObject("properties").writeStartArray("coordTimes");
        line.forEach(vertex -> json.write(Iso8601.format(vertex.at())));
        json.writeEnd().writeEnd().writeEnd();
    }
}
