package org.draugar.formats;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.draugar.location.Fix;

/** Cuts a track where nothing is known of the way: a line drawn across such a gap would tell a way nobody went. */
public final class Segments {
    /** The longest time between two positions of one segment. */
    public static final Duration LONGEST_GAP = Duration.ofMinutes(10);

    private Segments() {}

    /** The segments of a track in the order of time, each with at least one position. */
    public static List<List<Fix>> split(List<Fix> track) {
        List<List<Fix>> segments = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= track.size(); i++) {
            if (i == track.size() || isGap(track.get(i - 1), track.get(i))) {
                segments.add(track.subList(start, i));
                start = i;
            }
        }
        return segments;
    }

    static boolean isGap(Fix one, Fix next) {
        return Duration.between(one.measuredAt(), next.measuredAt()).abs().compareTo(LONGEST_GAP) > 0;
    }
}
