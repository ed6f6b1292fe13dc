package org.draugar.alerts;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import org.draugar.family.MemberId;
import org.draugar.places.PlaceId;

/**
 * Who wants to be told what about whom.
 *
 * @param to who is told
 * @param about about whom; null for anyone but themselves
 * @param place only there; null for any place
 * @param days only on these, 1 for Monday to 7; empty for all
 * @param from only from then on; null for any time. Later than {@code until} over midnight
 * @param until only before then
 * @param zone where these days and times are; null where there are none
 * @param once whether it goes when it has been told
 */
record Alert(
        long id,
        MemberId to,
        MemberId about,
        Kind kind,
        PlaceId place,
        List<Integer> days,
        LocalTime from,
        LocalTime until,
        ZoneId zone,
        boolean once) {

    /** What is told. */
    enum Kind {
        ARRIVE,
        LEAVE,
        BATTERY,
        SILENT
    }

    boolean isWanted(MemberId member, PlaceId at, Instant moment) {
        return (about == null ? !member.equals(to) : about.equals(member))
                && (place == null || place.equals(at))
                && isWantedAt(moment);
    }

    private boolean isWantedAt(Instant moment) {
        if (zone == null) {
            return true;
        }
        ZonedDateTime there = moment.atZone(zone);
        LocalTime time = there.toLocalTime();
        boolean inHours = from == null
                || (from.isBefore(until)
                        ? !time.isBefore(from) && time.isBefore(until)
                        : !time.isBefore(from) || time.isBefore(until));
        return inHours && (days.isEmpty() || days.contains(there.getDayOfWeek().getValue()));
    }
}
