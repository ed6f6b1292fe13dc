package org.draugar.places;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.junit.jupiter.api.Test;

/** The rule, position by position. Distances are metres north of the first place. */
class StayDetectorTest {
    private static final double METRES_PER_DEGREE = Math.toRadians(6_371_008.8);

    private final List<Place> places = new ArrayList<>(List.of(place(1, 0, 100)));
    private StayDetector detector = new StayDetector(new Circles(places), null, 0);

    private static Place place(long id, double north, double radius) {
        return new Place(
                new PlaceId(id),
                new FamilyId(1),
                new MemberId(1),
                id,
                "Place " + id,
                north / METRES_PER_DEGREE,
                0,
                radius,
                "other");
    }

    private void add(long id, double north, double radius) {
        places.add(place(id, north, radius));
        detector = new StayDetector(new Circles(places), null, 0);
    }

    private void at(int second, double north, Double accuracy) {
        detector.take(StayDetector.Point.of(second * 1000L, north / METRES_PER_DEGREE, 0, accuracy));
    }

    /** Such as {@code 1 from 0 until 60}, in seconds. */
    private List<String> stays() {
        return detector.stays().stream()
                .map(stay -> stay.place().id().value() + " from " + stay.arrivedAt() / 1000
                        + (stay.leftAt() == null ? "" : " until " + stay.leftAt() / 1000))
                .toList();
    }

    @Test
    void whoIsSurelyInHasArrivedAtOnce() {
        at(0, 1000, 10.0);
        at(60, 90, 10.0);
        assertThat(stays()).containsExactly("1 from 60");
    }

    @Test
    void anUnknownAccuracyIsFiftyMetres() {
        at(0, 51, null);
        assertThat(stays()).isEmpty();
        at(60, 50, null);
        assertThat(stays()).as("since it was probable").containsExactly("1 from 0");
    }

    @Test
    void whoIsProbablyInHasArrivedWithTheSecondPosition() {
        at(0, 95, 30.0);
        assertThat(stays()).isEmpty();
        at(60, 95, 30.0);
        assertThat(stays()).containsExactly("1 from 0");
    }

    @Test
    void whoIsProbablyInHasArrivedAfterTwoMinutes() {
        at(0, 95, 30.0);
        detector.settle(119_999);
        assertThat(stays()).isEmpty();
        assertThat(detector.due()).isEqualTo(120_000);
        detector.settle(120_000);
        assertThat(stays()).containsExactly("1 from 0");
        assertThat(detector.due()).isNull();
    }

    @Test
    void aPositionToTheContraryEndsWhatWasProbable() {
        at(0, 95, 30.0);
        at(30, 120, 30.0);
        detector.settle(1_000_000);
        assertThat(stays()).isEmpty();
    }

    @Test
    void whatIsTooInexactSaysNothing() {
        at(0, 0, 101.0);
        at(60, 0, 5000.0);
        detector.settle(1_000_000);
        assertThat(stays()).isEmpty();
    }

    @Test
    void whoIsSurelyOutHasLeftAtOnce() {
        at(0, 0, 10.0);
        at(60, 161, 10.0);
        assertThat(stays()).containsExactly("1 from 0 until 60");
    }

    @Test
    void betweenTheCirclesNothingChanges() {
        at(0, 0, 10.0);
        for (int i = 1; i < 100; i++) {
            at(60 * i, i % 2 == 0 ? 110 : 149, 10.0);
        }
        assertThat(stays()).containsExactly("1 from 0");
    }

    @Test
    void whoIsProbablyOutHasLeftWithTheSecondPositionSinceTheyCameOut() {
        at(0, 0, 10.0);
        at(60, 110, 20.0);
        at(120, 155, 20.0);
        assertThat(stays()).containsExactly("1 from 0");
        at(180, 155, 20.0);
        assertThat(stays()).containsExactly("1 from 0 until 60");
    }

    @Test
    void whoIsProbablyOutAndComesBackHasNotLeft() {
        at(0, 0, 10.0);
        at(60, 155, 20.0);
        at(90, 20, 20.0);
        at(150, 155, 20.0);
        at(180, 20, 20.0);
        detector.settle(1_000_000);
        assertThat(stays()).containsExactly("1 from 0");
    }

    @Test
    void oneImpossiblePositionChangesNothing() {
        at(0, 0, 10.0);
        at(60, 100_000, 10.0);
        assertThat(stays()).containsExactly("1 from 0");
        at(120, 0, 10.0);
        assertThat(stays()).containsExactly("1 from 0");
        add(2, 100_000, 100);
        at(0, 50_000, 10.0);
        at(60, 100_000, 10.0);
        at(120, 50_000, 10.0);
        detector.settle(10_000_000);
        assertThat(stays()).isEmpty();
    }

    @Test
    void whoFliesIsWhereTheyAre() {
        at(0, 0, 10.0);
        for (int minute = 1; minute <= 10; minute++) {
            at(60 * minute, 15_000 * minute, 10.0);
        }
        assertThat(stays()).containsExactly("1 from 0 until 60");
    }

    @Test
    void anImpossiblePositionIsPossibleOnceSomebodyCouldHaveComeBack() {
        add(2, 30_000, 100);
        at(0, 0, 10.0);
        at(60, 30_000, 10.0);
        assertThat(detector.due()).isNotNull();
        detector.settle(detector.due() - 1);
        assertThat(stays()).containsExactly("1 from 0");
        detector.settle(detector.due());
        assertThat(stays()).containsExactly("1 from 0 until 60", "2 from 60");
    }

    @Test
    void theSmallestPlaceIsWhereTheyAre() {
        add(2, 0, 5000);
        add(3, 20, 60);
        at(0, 3000, 10.0);
        at(600, 10, 10.0);
        at(1600, 130, 5.0);
        at(1800, 3000, 10.0);
        assertThat(stays()).containsExactly("2 from 0 until 600", "3 from 600 until 1600", "2 from 1800");
    }

    @Test
    void whoIsAtHomeIsNotAtTheNeighbours() {
        add(2, 72, 60);
        at(0, 0, 10.0);
        for (int i = 1; i < 50; i++) {
            at(60 * i, 10 + i % 3 * 10, 25.0);
        }
        assertThat(stays()).containsExactly("1 from 0");
        at(6000, 110, 10.0);
        assertThat(stays()).containsExactly("1 from 0 until 6000", "2 from 6000");
    }

    @Test
    void nothingIsKnownOfAPause() {
        at(0, 0, 10.0);
        detector.stop(60_000);
        assertThat(detector.stays()).singleElement().satisfies(stay -> {
            assertThat(stay.leftAt()).isEqualTo(60_000);
            assertThat(stay.seen()).isFalse();
        });
        at(120, 0, 10.0);
        assertThat(stays()).containsExactly("1 from 0 until 60", "1 from 120");
    }

    @Test
    void aCircleAcrossTheDateLineOrAPoleIsOne() {
        Place date =
                new Place(new PlaceId(1), new FamilyId(1), new MemberId(1), 1, "Date line", 10, 179.999, 500, "other");
        Place pole = new Place(new PlaceId(2), new FamilyId(1), new MemberId(1), 2, "Pole", 89.999, 0, 500, "other");
        Circles circles = new Circles(List.of(date, pole));
        assertThat(circles.next(0, 10, -179.999)).isEqualTo(0);
        assertThat(circles.next(1, 89.999, 180)).isEqualTo(1);
        assertThat(circles.next(0, 10, 0)).isEqualTo(2);
    }

    /** What {@link StayDetector#isNoNews} passes over really changes nothing. */
    @Test
    void noNewsChangesNothing() {
        Random random = org.draugar.support.Extent.random("StayDetectorTest");
        add(2, 150, 60);
        add(3, 0, 1000);
        at(0, 3000, 10.0);
        for (int i = 1; i < 20_000; i++) {
            StayDetector.Point point = StayDetector.Point.of(
                    i * 60_000L, random.nextInt(1300) / METRES_PER_DEGREE, 0, (double) random.nextInt(120));
            boolean isNoNews =
                    detector.due() == null && StayDetector.isNoNews(new Circles(places), detector.current(), point);
            List<StayDetector.Stay> before = detector.stays();
            detector.take(point);
            if (isNoNews) {
                assertThat(detector.stays()).isEqualTo(before);
            }
        }
    }

    @Test
    void aPositionAmongAThousandPlacesTakesMicroseconds() {
        Random random = new Random(1);
        List<Place> many = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            many.add(new Place(
                    new PlaceId(i),
                    new FamilyId(1),
                    new MemberId(1),
                    i,
                    "Place",
                    64 + random.nextDouble(),
                    -22 + random.nextDouble(),
                    50 + random.nextInt(300),
                    "other"));
        }
        Circles circles = new Circles(many);
        StayDetector walker = new StayDetector(circles, null, 0);
        double best = Double.MAX_VALUE;
        long at = 0;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < 10_000; i++) {
                at += 60_000;
                StayDetector.Point point =
                        new StayDetector.Point(at, 64 + random.nextDouble(), -22 + random.nextDouble(), 10);
                StayDetector.isNoNews(circles, walker.current(), point);
                walker.take(point);
            }
            best = Math.min(best, (System.nanoTime() - start) / 10_000 / 1000.0);
        }
        System.out.printf("StayDetectorTest: %.2f µs for each position among 1,000 places%n", best);
        assertThat(best).isLessThan(50);
    }
}
