package org.draugar.formats;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.draugar.formats.ImportReport.NotUnderstood;
import org.draugar.location.Fix;

/** Judges what readers find, hands on the positions, and counts the rest by kind. */
final class Tally {
    /** How far ahead of the server a device's clock may be. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);

    private final Consumer<Fix> fixes;
    private final Instant latest = Instant.now().plus(CLOCK_SKEW);
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
        if (latitude == null || longitude == null) {
            notUnderstood("position whose latitude or longitude is missing or no number", where);
        } else if (!isWithin(latitude, -90, 90) || !isWithin(longitude, -180, 180)) {
            notUnderstood("position whose latitude is not within -90 to 90 or longitude not within -180 to 180", where);
        } else if (measuredAt == null) {
            notUnderstood("position without a time, or with one that is not ISO 8601", where);
        } else if (measuredAt.isBefore(Instant.EPOCH)) {
            notUnderstood("position timed before 1970", where);
        } else if (measuredAt.isAfter(latest)) {
            notUnderstood("position timed in the future", where);
        } else {
            understood++;
            fixes.accept(details.at(latitude, longitude, measuredAt));
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
