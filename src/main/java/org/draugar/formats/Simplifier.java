package org.draugar.formats;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.draugar.location.Fix;

/**
 * Leaves out the positions of a track that a drawing does not need (Ramer 1972, Douglas and Peucker 1973): none that is
 * left out is farther from the drawn line than the tolerance.
 */
public final class Simplifier {
    /** Radius of the Earth in metres (IUGG mean). */
    private static final double EARTH = 6_371_008.8;

    /** From this depth on ranges are halved, so that the work stays below {@code n · (64 + log n)} whatever the track. */
    private static final int MAX_DEPTH = 64;

    private final double[] north;
    private final double[] east;
    private final double[] eastScale;

    /** In radians, with longitudes that go on past the antimeridian instead of jumping. */
    private Simplifier(List<Fix> track) {
        int size = track.size();
        north = new double[size];
        east = new double[size];
        eastScale = new double[size];
        for (int i = 0; i < size; i++) {
            north[i] = Math.toRadians(track.get(i).latitude());
            eastScale[i] = Math.cos(north[i]);
            double longitude = Math.toRadians(track.get(i).longitude());
            east[i] = i == 0 ? longitude : east[i - 1] + Math.IEEEremainder(longitude - east[i - 1], 2 * Math.PI);
        }
    }

    /**
     * Simplifies a track, which keeps its first and its last position. Simplify its {@link Segments} one by one: what
     * is left out would look like a gap afterwards.
     *
     * @param tolerance in metres, 0 or more; 0 leaves out only what lies on the line
     * @return some of the same positions, in the same order
     */
    public static List<Fix> simplify(List<Fix> track, double tolerance) {
        // Written so that NaN fails too.
        if (!(tolerance >= 0)) {
            throw new IllegalArgumentException("tolerance: expected metres, 0 or more");
        }
        if (track.size() < 3) {
            return List.copyOf(track);
        }
        BitSet kept = new Simplifier(track).keep(tolerance);
        List<Fix> simplified = new ArrayList<>(kept.cardinality());
        kept.stream().forEach(i -> simplified.add(track.get(i)));
        return simplified;
    }

    private record Range(int first, int last, int depth) {}

    private BitSet keep(double tolerance) {
        double tolerated = square(tolerance / EARTH);
        BitSet kept = new BitSet(north.length);
        kept.set(0);
        kept.set(north.length - 1);
        // A stack of our own: a track of one long curl would overflow the thread's.
        Deque<Range> ranges = new ArrayDeque<>();
        ranges.push(new Range(0, north.length - 1, 0));
        while (!ranges.isEmpty()) {
            Range range = ranges.pop();
            int farthest = -1;
            double most = tolerated;
            for (int i = range.first + 1; i < range.last; i++) {
                double squared = squaredDistance(i, range.first, range.last);
                if (squared > most) {
                    most = squared;
                    farthest = i;
                }
            }
            // A line of more than half the Earth would be drawn around the other half.
            boolean tooWide = Math.abs(east[range.last] - east[range.first]) > Math.PI && range.last - range.first > 1;
            if (farthest >= 0 || tooWide) {
                boolean atFarthest = farthest >= 0 && range.depth < MAX_DEPTH;
                int middle = atFarthest ? farthest : (range.first + range.last) >>> 1;
                kept.set(middle);
                ranges.push(new Range(range.first, middle, range.depth + 1));
                ranges.push(new Range(middle, range.last, range.depth + 1));
            }
        }
        return kept;
    }

    /**
     * Of a point from the line between two others, in radians, squared. The projection is equirectangular around the
     * point itself: right where it matters, however long the line is.
     */
    private double squaredDistance(int point, int from, int to) {
        double x = (east[from] - east[point]) * eastScale[point];
        double y = north[from] - north[point];
        double dx = (east[to] - east[from]) * eastScale[point];
        double dy = north[to] - north[from];
        double length = dx * dx + dy * dy;
        if (length > 0) {
            double along = Math.max(0, Math.min(1, -(x * dx + y * dy) / length));
            x += along * dx;
            y += along * dy;
        }
        return x * x + y * y;
    }

    private static double square(double value) {
        return value * value;
    }
}
