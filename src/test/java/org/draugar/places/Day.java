package org.draugar.places;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A day of somebody whose whereabouts are known: stays at places, ways between them on foot or by car, and what a phone
 * makes of it, with noise, a wrong idea of where it is now and then, and times without a position.
 */
final class Day {
    /** The true time within a circle, in milliseconds since 1970. @param until the largest number while it goes on */
    record Truth(Place place, long from, long until, boolean isStay) {}

    /** What a phone says. @param isGood whether it is near enough to tell anything */
    record Reading(long at, double latitude, double longitude, double accuracy, boolean isGood) {}

    private static final double METRES_PER_DEGREE = 111_195;
    private static final double LATITUDE = 64.14;
    private static final double LONGITUDE = -21.9;
    private static final double SHORTEST_STAY = 5 * 60;
    private static final int NEIGHBOURS = 1;
    private static final int MOST_LATE = 2;

    final List<Place> places = new ArrayList<>();
    final List<Reading> readings = new ArrayList<>();
    final List<Truth> truths = new ArrayList<>();

    private final Random random;
    /** For each second: metres east and north of the middle of the town. */
    private final List<double[]> path = new ArrayList<>();

    private final long start;

    Day(Random random, Instant start) {
        this.random = random;
        this.start = start.toEpochMilli();
        add("Home", 0, 0, 60 + random.nextInt(50));
        // Whom they never visit, whose circle reaches into theirs, and whom no way leads past.
        add("Neighbours", 72 * Math.cos(Math.toRadians(41)), 72 * Math.sin(Math.toRadians(41)), 50);
        for (int i = 0; i < 5; i++) {
            double angle = Math.toRadians(120 + 48 * i + random.nextInt(10));
            double distance = 1500 + random.nextInt(8000);
            add("Place " + i, distance * Math.cos(angle), distance * Math.sin(angle), 50 + random.nextInt(250));
        }
        live();
        note();
        measure();
    }

    private void add(String name, double east, double north, double radius) {
        places.add(new Place(
                new PlaceId(places.size() + 1),
                new FamilyId(1),
                new MemberId(1),
                places.size(),
                name,
                latitude(north),
                longitude(east),
                radius,
                "other"));
    }

    private static double latitude(double north) {
        return LATITUDE + north / METRES_PER_DEGREE;
    }

    private static double longitude(double east) {
        return LONGITUDE + east / METRES_PER_DEGREE / Math.cos(Math.toRadians(LATITUDE));
    }

    private static double[] metres(Place place) {
        return new double[] {
            (place.longitude() - LONGITUDE) * METRES_PER_DEGREE * Math.cos(Math.toRadians(LATITUDE)),
            (place.latitude() - LATITUDE) * METRES_PER_DEGREE
        };
    }

    private void live() {
        double[] here = metres(places.get(0));
        stay(here, 3600 + random.nextInt(6 * 3600));
        int before = 0;
        for (int stops = 2 + random.nextInt(5); stops > 0; stops--) {
            int next;
            do {
                next = random.nextInt(places.size());
            } while (next == NEIGHBOURS || next == before);
            before = next;
            here = go(here, metres(places.get(next)));
            stay(here, 330 + random.nextInt(random.nextBoolean() ? 600 : 3 * 3600));
        }
        if (before != 0) {
            here = go(here, metres(places.get(0)));
            stay(here, 1800 + random.nextInt(3600));
        }
    }

    private void stay(double[] where, int seconds) {
        for (int i = 0; i < seconds; i++) {
            path.add(where);
        }
    }

    private double[] go(double[] from, double[] to) {
        double length = Math.hypot(to[0] - from[0], to[1] - from[1]);
        double speed = length < 3000 && random.nextBoolean() ? 1.2 + random.nextDouble() : 8 + random.nextInt(17);
        int seconds = (int) (length / speed);
        for (int i = 1; i <= seconds; i++) {
            double part = (double) i / seconds;
            path.add(new double[] {from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])});
        }
        return to;
    }

    /** Notes when they were within which circle. */
    private void note() {
        for (Place place : places) {
            double[] centre = metres(place);
            int from = -1;
            for (int second = 0; second <= path.size(); second++) {
                boolean isLast = second == path.size();
                boolean isIn = !isLast
                        && Math.hypot(path.get(second)[0] - centre[0], path.get(second)[1] - centre[1])
                                <= place.radius();
                if (isIn && from < 0) {
                    from = second;
                } else if (from >= 0 && !isIn) {
                    truths.add(new Truth(
                            place,
                            start + from * 1000L,
                            isLast ? Long.MAX_VALUE : start + second * 1000L,
                            second - from >= SHORTEST_STAY && place != places.get(NEIGHBOURS)));
                    from = -1;
                }
            }
        }
    }

    private void measure() {
        int every = 20 + random.nextInt(50);
        boolean mayBeWrong = false;
        boolean wasPoor = false;
        int second = 0;
        while (second < path.size()) {
            boolean isWrong = mayBeWrong && !wasPoor && random.nextInt(60) == 0;
            if (isWrong) {
                // Nobody goes there and comes back in the time between two positions.
                read(second, 20_000 + random.nextInt(200_000), 5 + random.nextInt(50), false);
            } else {
                wasPoor = !wasPoor && random.nextInt(10) == 0;
                double accuracy = wasPoor ? 60 + random.nextInt(300) : 5 + random.nextInt(22);
                double error;
                do {
                    error = Math.hypot(random.nextGaussian(), random.nextGaussian()) * accuracy / 2.5;
                } while (error > accuracy);
                read(second, error, accuracy, !wasPoor);
            }
            mayBeWrong = !isWrong;
            second += every + random.nextInt(every / 2 + 1);
            int gap = (int) Duration.ofMinutes(10 + random.nextInt(80)).toSeconds();
            boolean isWithinAStay =
                    second + gap + 600 < path.size() && path.get(second) == path.get(second + gap + 600);
            if (random.nextInt(200) == 0 && isWithinAStay && !isWrong) {
                second += gap;
                mayBeWrong = false;
            }
        }
    }

    private void read(int second, double error, double accuracy, boolean isGood) {
        double angle = random.nextDouble() * 2 * Math.PI;
        double[] there = path.get(second);
        readings.add(new Reading(
                start + second * 1000L,
                latitude(there[1] + error * Math.sin(angle)),
                longitude(there[0] + error * Math.cos(angle)),
                accuracy,
                isGood));
    }

    /** What is wrong with visits that were made of this day; empty when nothing is. */
    List<String> faults(List<StayDetector.Stay> visits) {
        List<String> faults = new ArrayList<>();
        List<StayDetector.Stay> untrue = new ArrayList<>(visits);
        for (Truth truth : truths) {
            List<StayDetector.Stay> same = visits.stream()
                    .filter(visit -> visit.place().id().equals(truth.place().id()) && overlap(visit, truth))
                    .toList();
            untrue.removeAll(same);
            if (!truth.isStay()) {
                continue;
            }
            if (same.size() != 1) {
                faults.add((same.isEmpty() ? "missed " : "more than one ") + truth + " " + same);
                continue;
            }
            StayDetector.Stay visit = same.get(0);
            if (Math.abs(late(visit.arrivedAt(), truth.from())) > MOST_LATE) {
                faults.add("arrived " + late(visit.arrivedAt(), truth.from()) + " late " + truth + " " + visit);
            }
            long left = end(visit);
            if (Math.abs(late(left, truth.until())) > MOST_LATE) {
                faults.add("left " + late(left, truth.until()) + " late " + truth + " " + visit);
            }
        }
        untrue.forEach(visit -> faults.add("untrue " + visit));
        return faults;
    }

    private static long end(StayDetector.Stay visit) {
        return visit.leftAt() == null ? Long.MAX_VALUE : visit.leftAt();
    }

    /** Whether a visit may be of a true time, as far as times go. */
    private boolean overlap(StayDetector.Stay visit, Truth truth) {
        return late(visit.arrivedAt(), truth.until()) <= MOST_LATE
                && late(end(visit), truth.from()) >= -MOST_LATE
                && visit.arrivedAt() <= truth.until()
                && end(visit) >= truth.from();
    }

    /** By how many good positions one moment is later than another. */
    private int late(long told, long truth) {
        int between = (int) readings.stream()
                .filter(reading -> reading.isGood()
                        && reading.at() >= Math.min(told, truth)
                        && reading.at() < Math.max(told, truth))
                .count();
        return told < truth ? -between : between;
    }
}
