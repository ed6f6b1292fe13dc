package org.draugar.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A recorded track: real movement for tests and for the demo. */
public record Track(String name, List<Point> points) {

    /** A point, {@code seconds} after the start. */
    public record Point(double seconds, double latitude, double longitude) {}

    /** Reads one of the recorded tracks: {@code visnjan-car}, {@code zbevnica-walk} or {@code cerknica-lake}. */
    public static Track recorded(String name) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Track.class.getResourceAsStream("/tracks/" + name + ".csv"), StandardCharsets.UTF_8))) {
            return new Track(
                    name,
                    lines.lines()
                            .filter(line -> !line.startsWith("#"))
                            .map(line -> line.split(","))
                            .map(cells -> new Point(
                                    Double.parseDouble(cells[0]),
                                    Double.parseDouble(cells[1]),
                                    Double.parseDouble(cells[2])))
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
