package org.draugar.location;

import java.time.Instant;

/**
 * A position.
 *
 * @param latitude degrees, WGS 84, -90 to 90
 * @param longitude degrees, WGS 84, -180 to 180
 * @param measuredAt when the device measured it
 * @param accuracy radius in metres, or null
 * @param altitude metres above the ellipsoid, or null
 * @param speed metres a second, or null
 * @param bearing degrees clockwise from true north, 0 to 360, or null
 * @param battery 0 to 1, or null
 * @param charging whether the battery is being charged, or null
 * @param activity what the device believes its owner does, such as {@code walking}, or null
 * @param alarm what its owner or the device raises the alarm about, such as {@code sos}, or null
 */
public record Fix(
        double latitude,
        double longitude,
        Instant measuredAt,
        Double accuracy,
        Double altitude,
        Double speed,
        Double bearing,
        Double battery,
        Boolean charging,
        String activity,
        String alarm)
        implements Report {

    /** A position without an alarm. */
    public Fix(
            double latitude,
            double longitude,
            Instant measuredAt,
            Double accuracy,
            Double altitude,
            Double speed,
            Double bearing,
            Double battery,
            Boolean charging,
            String activity) {
        this(latitude, longitude, measuredAt, accuracy, altitude, speed, bearing, battery, charging, activity, null);
    }

    /** Whether it says 0, 0 and not how exactly: what devices say that know no place. */
    public boolean isNowhere() {
        return latitude == 0 && longitude == 0 && (accuracy == null || accuracy == 0);
    }

    /** The same with an alarm. */
    public Fix withAlarm(String raised) {
        return new Fix(
                latitude,
                longitude,
                measuredAt,
                accuracy,
                altitude,
                speed,
                bearing,
                battery,
                charging,
                activity,
                raised);
    }
}
