package org.draugar.places;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.draugar.support.Extent;
import org.junit.jupiter.api.Test;

/** Every stay is one visit, and there is no other, on days of which the truth is known. */
class DaysTest {
    private static final int DAYS = Extent.of("DaysTest: days", 400, 5000);

    @Test
    void everyStayIsOneVisitAndThereIsNoOther() {
        Random random = Extent.random("DaysTest");
        List<String> faults = new ArrayList<>();
        long stays = 0;
        for (int i = 0; i < DAYS; i++) {
            Day day = new Day(random, Instant.parse("2026-11-23T00:00:00Z"));
            StayDetector detector = new StayDetector(new Circles(day.places), null, 0);
            day.readings.forEach(reading -> detector.take(
                    new StayDetector.Point(reading.at(), reading.latitude(), reading.longitude(), reading.accuracy())));
            detector.settle(day.readings.get(day.readings.size() - 1).at() + 600_000);
            stays += day.truths.stream().filter(Day.Truth::isStay).count();
            faults.addAll(day.faults(detector.stays()));
        }
        assertThat(faults).as("of %d stays on %d days", stays, DAYS).isEmpty();
    }
}
