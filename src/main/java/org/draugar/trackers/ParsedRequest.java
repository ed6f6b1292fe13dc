package org.draugar.trackers;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.draugar.formats.Coordinates;
import org.draugar.formats.Details;
import org.draugar.location.Fix;
import org.draugar.location.Outcome;
import org.draugar.location.Report;
import org.draugar.location.Times;

/** What a message of a tracker says: positions, how the tracker does, and what of it could not be understood. */
final class ParsedRequest {
    private final Instant now = Instant.now();
    private final List<Report> reports = new ArrayList<>();
    private final List<Alarm> alarms = new ArrayList<>();
    /** Of the newest position in the message. */
    private Instant newest;
    /** Of the newest position that was taken. */
    private Instant measuredAt;

    private Double battery;
    private Boolean charging;
    private String trouble;
    private boolean unknown;
    private boolean passedOver;
    private final List<Waypoint> waypoints = new ArrayList<>();
    private boolean byHand;

    /** Of a message in which nothing could be found. */
    static ParsedRequest ofNothing(String wrong) {
        ParsedRequest reading = new ParsedRequest();
        reading.unknown(wrong);
        return reading;
    }

    /**
     * An alarm that came without a place that can be trusted.
     *
     * @param about what it is about, such as {@code sos}
     * @param at when it was raised
     * @param place a place that the device itself does not trust, or null
     */
    record Alarm(String about, Instant at, Fix place) {}

    /**
     * A position as it stands in the message, in our units.
     *
     * @param latitude degrees, or null when there is none or no number
     * @param longitude likewise
     * @param at null when there is no time, or none that can be read
     */
    void position(Double latitude, Double longitude, Instant at, Details details) {
        String alarm = Details.alarm(details.alarm());
        Instant measured = at == null ? null : Times.corrected(at, now);
        if (alarm != null && (measured == null || Times.fault(measured, now) != null)) {
            // Somebody calls for help, whatever their clock says.
            trouble("timestamp: an alarm came without a time that can be true; check the device's clock");
            measured = Instant.ofEpochMilli(now.toEpochMilli());
        }
        if (latitude == null || longitude == null) {
            missing("latitude and longitude: expected degrees as numbers, but they are missing", alarm, measured);
        } else if (measured == null) {
            trouble("time: expected when the position was measured, but it is missing or cannot be read");
        } else {
            Fix fix = details.at(latitude, Coordinates.wrapped(longitude), measured);
            if (alarm != null && (fix.isNowhere() || !isOnEarth(fix))) {
                missing("latitude and longitude: expected where the device is", alarm, measured);
            } else {
                doubt(measured);
                add(fix);
            }
        }
    }

    private void missing(String wrong, String alarm, Instant at) {
        if (alarm == null) {
            trouble(wrong);
        } else {
            alarm(alarm, at, null);
        }
    }

    private void doubt(Instant at) {
        String doubt = Times.doubt(at, now);
        if (doubt != null) {
            trouble(doubt);
        }
    }

    private static boolean isOnEarth(Fix fix) {
        return Math.abs(fix.latitude()) <= 90 && Math.abs(fix.longitude()) <= 180;
    }

    void add(Report report) {
        reports.add(report);
        if (report instanceof Fix fix && (newest == null || !fix.measuredAt().isBefore(newest))) {
            newest = fix.measuredAt();
            power(fix.battery(), fix.charging());
        }
    }

    /**
     * An alarm without a place, or with one that the device does not trust.
     *
     * @param at when it was raised; null when it does not say
     * @param place or null
     */
    void alarm(String about, Instant at, Fix place) {
        Instant raised = at == null ? now : Times.corrected(at, now);
        alarms.add(new Alarm(about, Times.fault(raised, now) == null ? raised : now, place));
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

    /** Notes that one of several parts of the message is of a shape that is not known. */
    void passedOver() {
        passedOver = true;
    }

    /** Notes that the message is of a shape that is not known, so that what it holds cannot be found. */
    void unknown(String wrong) {
        trouble(wrong);
        unknown = true;
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

    /** Those without a place. */
    List<Alarm> alarms() {
        return alarms;
    }

    /** Whether it is of a shape that is not known, and nothing was found in it. */
    boolean isUnknown() {
        return unknown && reports.isEmpty() && alarms.isEmpty() && waypoints.isEmpty();
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
        return trouble == null && passedOver
                ? "A part of the message is no position that can be read, and was passed over"
                : trouble;
    }
}
