package org.draugar.formats;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.draugar.formats.ImportReport.NotUnderstood;
import org.draugar.location.Fix;
import org.draugar.location.Times;

/** Judges what readers find, hands on the positions, and counts the rest by kind. */
final class Tally {
    private final Consumer<Fix> fixes;
    private final Instant now = Instant.now();
    private final Map<String, NotUnderstood> notUnderstood = new LinkedHashMap<>();
    private long understood;

    Tally(Consumer<Fix> fixes) {
        this.fixes = fixes;
    }

    long understood() {
        return understood;
    }

    /**
     * Takes a position as it was found in a file.
     *
     * @param latitude or null, when there was none or no number
     * @param longitude likewise
     * @param measuredAt or null, when there was none or none in ISO 8601
     * @param where it stands in the file
     */
    void position(Double latitude, Double longitude, Instant measuredAt, Details details, Supplier<String> where) {
        Instant at = measuredAt == null ? null : Times.correctedInFile(measuredAt, now);
        if (latitude == null || longitude == null) {
            notUnderstood("position whose latitude or longitude is missing or no number", where);
            return;
        }
        double wrapped = Coordinates.wrapped(longitude);
        if (!isWithin(latitude, -90, 90) || !isWithin(wrapped, -180, 180)) {
            notUnderstood("position whose latitude is not within -90 to 90 or longitude not within -180 to 180", where);
        } else if (at == null) {
            notUnderstood("position without a time, or with one that is not ISO 8601", where);
        } else if (at.isBefore(Times.FIRST)) {
            notUnderstood("position timed before 1990, as by a clock that was never set", where);
        } else if (Times.isInFuture(at, now)) {
            notUnderstood("position timed in the future", where);
        } else {
            Fix fix = details.at(latitude, wrapped, at);
            if (fix.isNowhere()) {
                notUnderstood("position at 0, 0, which is what a device says that knows no place", where);
            } else {
                understood++;
                fixes.accept(fix);
            }
        }
    }

    /** @param what one of a few kinds, in words for people, never of the file's own */
    void notUnderstood(String what, Supplier<String> where) {
        notUnderstood.merge(
                what,
                new NotUnderstood(what, 1, notUnderstood.containsKey(what) ? "" : where.get()),
                (known, more) -> new NotUnderstood(what, known.count() + 1, known.first()));
    }

    ImportReport report(String format) {
        long read = understood;
        for (NotUnderstood kind : notUnderstood.values()) {
            read += kind.count();
        }
        return new ImportReport(
                format, read, understood, notUnderstood.values().stream().toList());
    }

    private static boolean isWithin(double value, double least, double most) {
        return value >= least && value <= most;
    }
}
