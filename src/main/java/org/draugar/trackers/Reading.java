package org.draugar.trackers;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.draugar.formats.Details;
import org.draugar.location.Fix;
import org.draugar.location.Outcome;
import org.draugar.location.Report;

/** What a message of a tracker says: positions, how the tracker does, and what of it could not be understood. */
final class Reading {
    private final List<Report> reports = new ArrayList<>();
    /** Of the newest position in the message. */
    private Instant newest;
    /** Of the newest position that was taken. */
    private Instant measuredAt;

    private Double battery;
    private Boolean charging;
    private String trouble;
    private final List<Waypoint> waypoints = new ArrayList<>();
    private boolean byHand;

    /**
     * A position as it stands in the message, in our units.
     *
     * @param latitude degrees, or null when there is none or no number
     * @param longitude likewise
     * @param at null when there is no time, or none that can be read
     */
    void position(Double latitude, Double longitude, Instant at, Details details) {
        if (latitude == null || longitude == null) {
            trouble("latitude and longitude: expected degrees as numbers, but they are missing");
        } else if (at == null) {
            trouble("time: expected when the position was measured, but it is missing or cannot be read");
        } else {
            add(details.at(latitude, longitude, at));
        }
    }

    void add(Report report) {
        reports.add(report);
        if (report instanceof Fix fix && (newest == null || !fix.measuredAt().isBefore(newest))) {
            newest = fix.measuredAt();
            power(fix.battery(), fix.charging());
        }
    }

    void power(Double level, Boolean plugged) {
        battery = level == null || level < 0 || level > 1 ? battery : level;
        charging = plugged == null ? charging : plugged;
    }

    void add(Waypoint waypoint) {
        waypoints.add(waypoint);
    }

    /** Notes that its owner sent it themselves, in this moment. */
    void byHand() {
        byHand = true;
    }

    /** Notes what is wrong; of several things the first. */
    void trouble(String wrong) {
        trouble = trouble == null ? wrong : trouble;
    }

    /** Notes what became of a position. Of one that was passed over, nothing is kept. */
    void became(Outcome outcome, Report report) {
        Instant at = report.measuredAt() == null ? Instant.now().truncatedTo(ChronoUnit.MILLIS) : report.measuredAt();
        if (outcome == Outcome.PAUSED) {
            battery = null;
            charging = null;
        } else if (measuredAt == null || at.isAfter(measuredAt)) {
            measuredAt = at;
        }
    }

    List<Report> reports() {
        return reports;
    }

    /** Places that it shares. */
    List<Waypoint> waypoints() {
        return waypoints;
    }

    /** Whether its owner sent it themselves. */
    boolean isByHand() {
        return byHand;
    }

    /** When the newest position that was taken was measured, or null. */
    Instant measuredAt() {
        return measuredAt;
    }

    /** 0 to 1, or null. */
    Double battery() {
        return battery;
    }

    Boolean charging() {
        return charging;
    }

    /** What was wrong, in words for people, or null. */
    String trouble() {
        return trouble;
    }
}
