package org.draugar.places;

import java.util.ArrayList;
import java.util.List;

/**
 * The rule: when somebody has arrived at a place, and when they have left it. Pure: it is told positions in the order in
 * which they were measured, and what time it is, and gives the stays; the same positions always give the same stays.
 *
 * <p>With the distance d to the centre, the accuracy a ({@value #UNKNOWN_ACCURACY} m where none is given), the radius r:
 *
 * <ul>
 *   <li>arrived for sure: d + a ≤ r; probably: d ≤ r and a ≤ max(r, 100 m);
 *   <li>gone for sure: d − a &gt; r + max(0.2 r, 50 m); probably: d alone is, and a ≤ max(r, 100 m);
 *   <li>what is sure counts at once; what is probable, when a second position says so too, or when nothing has said the
 *       contrary for 2 minutes. Either way it has been so since the first position, at most 5 minutes before, that was
 *       in the circle, or out of it, and after which none that is exact was on the other side;
 *   <li>a position that could only be reached, and left again, faster than 300 km/h counts for nothing. It waits for
 *       what comes next, or for the time in which somebody could have come back from it.
 * </ul>
 *
 * <p>Somebody is at one place at a time: among several, at the one with the smallest radius. From within the circle of the
 * one where they are, only a smaller one takes over; and where the present one's centre is not in it, only for sure: who
 * is at home does not flap to the neighbours', and is not there by one position that is only probable. A place that has the present one inside waits until they have left that.
 * Not thread-safe.
 */
final class StayDetector {
    static final double UNKNOWN_ACCURACY = 50;
    static final long HOLD_MILLIS = 120_000;
    /** So long, at most, somebody arrives or leaves. */
    private static final long TURN_MILLIS = 300_000;

    private static final double MAX_METRES_PER_MILLI = 300 / 3600.0;
    private static final double PROBABLE_ACCURACY = 100;
    private static final double LEAST_MARGIN = 50;
    private static final double MARGIN = 0.2;

    /** A position. @param at when it was measured, in milliseconds since 1970 @param accuracy metres */
    record Point(long at, double latitude, double longitude, double accuracy) {
        static Point of(long at, double latitude, double longitude, Double accuracy) {
            return new Point(at, latitude, longitude, accuracy == null ? UNKNOWN_ACCURACY : accuracy);
        }

        double distance(Place place) {
            return Circles.distance(latitude, longitude, place.latitude(), place.longitude());
        }
    }

    /**
     * A time at a place, in milliseconds since 1970.
     *
     * @param leftAt null while it goes on
     * @param seen whether they were seen elsewhere: not where nothing is known from then on
     */
    record Stay(Place place, long arrivedAt, Long leftAt, boolean seen) {}

    /**
     * Somebody may be in a place.
     *
     * @param since when that was first measured, however badly
     * @param said when it was first probable; null for not yet
     */
    private record Pending(Place place, long since, Long said) {
        /** When it will have held for long enough; never where it is not probable. */
        long heldAt() {
            return said == null ? Long.MAX_VALUE : said + HOLD_MILLIS;
        }
    }

    private final Circles circles;
    private final List<Stay> stays = new ArrayList<>();
    private final List<Pending> arrivals = new ArrayList<>(2);
    private Place current;
    private long arrivedAt;
    private long leftAt = Long.MIN_VALUE;
    /** Since when they have probably left the present place; null for not. */
    private Long leaving;
    /** Since when they have been out of the present place's circle, and perhaps not far enough to have left it; or null. */
    private Long outside;

    private Point last;
    /** What is impossible if the next one says so too. */
    private Point held;

    /**
     * @param current where they are at the beginning, or null
     * @param arrivedAt since when
     */
    StayDetector(Circles circles, Place current, long arrivedAt) {
        this.circles = circles;
        this.current = current;
        this.arrivedAt = arrivedAt;
    }

    /** Takes the next position; none was measured after it of those before. */
    void take(Point point) {
        if (held != null) {
            Point outlier = held;
            held = null;
            if (!isJump(outlier, point) || isJump(last, point)) {
                accept(outlier);
            }
        }
        if (last != null && isJump(last, point)) {
            held = point;
        } else {
            accept(point);
        }
    }

    /** Takes note of the time: what is probable may have held for long enough, and nothing has been measured since. */
    void settle(long now) {
        if (held != null && now >= returnableAt()) {
            Point outlier = held;
            held = null;
            accept(outlier);
        }
        confirm(now);
    }

    /** When {@link #settle} would change something though nothing new was measured; empty for never. */
    Long due() {
        Long due = leaving == null ? null : (Long) (leaving + HOLD_MILLIS);
        for (Pending pending : arrivals) {
            if (current == null && pending.said() != null) {
                due = due == null ? pending.heldAt() : Math.min(due, pending.heldAt());
            }
        }
        if (held != null) {
            due = due == null ? returnableAt() : Math.min(due, returnableAt());
        }
        return due;
    }

    /** Ends what is known, at a moment from which on nothing was measured: whoever pauses is nowhere. */
    void stop(long at) {
        settle(at);
        leave(at, false);
        arrivals.clear();
        last = null;
        held = null;
    }

    /** Where they are, or null. */
    Place current() {
        return current;
    }

    /** All stays so far, in their order; the last one may go on. */
    List<Stay> stays() {
        List<Stay> all = new ArrayList<>(stays);
        if (current != null) {
            all.add(new Stay(current, arrivedAt, null, false));
        }
        return all;
    }

    private void accept(Point point) {
        confirm(point.at());
        last = point;
        boolean inCurrent = current != null && look(point);
        Place arrived = null;
        long since = point.at();
        for (int i = circles.next(0, point.latitude(), point.longitude());
                i < circles.size();
                i = circles.next(i + 1, point.latitude(), point.longitude())) {
            Place place = circles.get(i);
            double distance = point.distance(place);
            boolean isSure = distance + point.accuracy() <= place.radius();
            if (distance > place.radius()
                    || current != null && place.id().equals(current.id())
                    || !mayTakeOver(current, inCurrent, place, isSure)) {
                continue;
            }
            Long first = look(point, place, isSure);
            if (first != null && (arrived == null || place.radius() < arrived.radius())) {
                arrived = place;
                since = first;
            }
        }
        if (!arrivals.isEmpty()) {
            arrivals.removeIf(pending ->
                    point.distance(pending.place()) > pending.place().radius() && isExact(point, pending.place()));
        }
        if (arrived != null) {
            arrive(arrived, since);
        }
    }

    /**
     * Looks at a place whose circle they are in, and which may take over.
     *
     * @return since when they have been there, or null where that is not known yet
     */
    private Long look(Point point, Place place, boolean isSure) {
        Pending before = null;
        for (int i = 0; i < arrivals.size(); i++) {
            if (arrivals.get(i).place().id().equals(place.id())) {
                before = arrivals.remove(i);
            }
        }
        boolean isProbable = isExact(point, place);
        long since = before == null || point.at() - before.since() > TURN_MILLIS ? point.at() : before.since();
        Long said = before == null ? null : before.said();
        if (isSure || isProbable && said != null) {
            return since;
        }
        arrivals.add(new Pending(place, since, said == null && isProbable ? (Long) point.at() : said));
        return null;
    }

    /** Looks at the present place. @return whether the point is in its circle */
    private boolean look(Point point) {
        double distance = point.distance(current);
        if (distance <= current.radius()) {
            if (distance + point.accuracy() <= current.radius() || isExact(point, current)) {
                leaving = null;
                outside = null;
                arrivals.removeIf(pending -> !mayTakeOver(current, true, pending.place(), false));
            }
            return true;
        }
        if (outside == null && isExact(point, current)) {
            outside = point.at();
        }
        Boolean sure = isGone(point, current);
        if (sure != null) {
            long first = leaving == null ? point.at() : leaving;
            if (sure || leaving != null) {
                leave(leftSince(first));
            } else {
                leaving = first;
            }
        }
        return false;
    }

    /** Who has gone had left when they came out of the circle, if that was just before. */
    private long leftSince(long gone) {
        return outside != null && gone - outside <= TURN_MILLIS ? outside : gone;
    }

    /** Whether a point says for sure (true), or probably (false), that somebody is not in a place; null for neither. */
    private static Boolean isGone(Point point, Place place) {
        double beyond = point.distance(place) - outer(place);
        if (beyond - point.accuracy() > 0) {
            return true;
        }
        return beyond > 0 && isExact(point, place) ? Boolean.FALSE : null;
    }

    /**
     * Whether a position changes nothing for somebody of whom nothing is probable, and before whom nobody has measured
     * anything later: they stay where they are.
     *
     * @param current where they are, or null
     */
    static boolean isNoNews(Circles circles, Place current, Point point) {
        double distance = current == null ? 0 : point.distance(current);
        if (current != null && distance > outer(current)) {
            return false;
        }
        for (int i = circles.next(0, point.latitude(), point.longitude());
                i < circles.size();
                i = circles.next(i + 1, point.latitude(), point.longitude())) {
            Place place = circles.get(i);
            double apart = point.distance(place);
            if (apart <= place.radius()
                    && (current == null || !place.id().equals(current.id()))
                    && mayTakeOver(
                            current,
                            current != null && distance <= current.radius(),
                            place,
                            apart + point.accuracy() <= place.radius())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isExact(Point point, Place place) {
        return point.accuracy() <= Math.max(place.radius(), PROBABLE_ACCURACY);
    }

    /** Metres from the centre within which nobody has left. */
    static double outer(Place place) {
        return place.radius() + Math.max(MARGIN * place.radius(), LEAST_MARGIN);
    }

    /** Whether who is at a place, or nowhere, may be at another one whose circle they are in. */
    private static boolean mayTakeOver(Place current, boolean inCurrent, Place place, boolean isSure) {
        if (current == null) {
            return true;
        }
        double apart = Circles.distance(current.latitude(), current.longitude(), place.latitude(), place.longitude());
        return inCurrent
                ? place.radius() < current.radius() && (isSure || apart <= place.radius())
                : apart + current.radius() > place.radius();
    }

    private void confirm(long now) {
        if (leaving != null && now - leaving >= HOLD_MILLIS) {
            leave(leftSince(leaving));
        }
        Pending smallest = null;
        for (Pending pending : arrivals) {
            if (current == null
                    && now >= pending.heldAt()
                    && (smallest == null
                            || pending.place().radius() < smallest.place().radius())) {
                smallest = pending;
            }
        }
        if (smallest != null) {
            arrive(smallest.place(), smallest.since());
        }
    }

    private void arrive(Place place, long since) {
        leave(since);
        current = place;
        arrivedAt = Math.max(since, leftAt);
        arrivals.removeIf(pending ->
                pending.place().id().equals(place.id()) || !mayTakeOver(place, true, pending.place(), false));
    }

    private void leave(long at) {
        leave(at, true);
    }

    private void leave(long at, boolean seen) {
        if (current != null) {
            leftAt = Math.max(at, arrivedAt);
            if (leftAt > arrivedAt) {
                stays.add(new Stay(current, arrivedAt, leftAt, seen));
            }
            current = null;
        }
        leaving = null;
        outside = null;
    }

    /** From then on, who comes back from the held position has not been impossibly fast. */
    private long returnableAt() {
        double metres = gap(last, held);
        return held.at() + (long) Math.ceil(metres / MAX_METRES_PER_MILLI);
    }

    private static boolean isJump(Point one, Point next) {
        double most = Math.max(next.at() - one.at(), 1000) * MAX_METRES_PER_MILLI;
        // A degree of latitude has 111 km: most positions are near the one before.
        return gap(one, next) > most;
    }

    /** Metres that somebody has moved at least. */
    private static double gap(Point one, Point next) {
        return Circles.distance(one.latitude(), one.longitude(), next.latitude(), next.longitude())
                - one.accuracy()
                - next.accuracy();
    }
}
