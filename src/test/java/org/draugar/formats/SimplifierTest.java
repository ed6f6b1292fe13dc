package org.draugar.formats;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.draugar.location.Fix;
import org.draugar.support.Track;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimplifierTest {
    private static final double METRES_PER_DEGREE = 111_195;

    @Test
    void keepsTheCornersAndTheEnds() {
        List<Fix> track = List.of(
                Fixes.at(0, 60, 10),
                Fixes.at(1, 60, 10.001),
                Fixes.at(2, 60, 10.002),
                Fixes.at(3, 60.001, 10.002),
                Fixes.at(4, 60.002, 10.002));
        assertThat(Simplifier.simplify(track, 5)).containsExactly(track.get(0), track.get(2), track.get(4));
    }

    @Test
    void measuresInMetresEastwardsToo() {
        // 0.0001 degrees are 11.1 m to the north, and half of it to the east at 60 degrees.
        List<Fix> north = List.of(Fixes.at(0, 60, 10), Fixes.at(1, 60.0001, 10.001), Fixes.at(2, 60, 10.002));
        List<Fix> east = List.of(Fixes.at(0, 60, 10), Fixes.at(1, 60.001, 10.0001), Fixes.at(2, 60.002, 10));
        assertThat(Simplifier.simplify(north, 11)).hasSize(3);
        assertThat(Simplifier.simplify(north, 11.2)).hasSize(2);
        assertThat(Simplifier.simplify(east, 5.5)).hasSize(3);
        assertThat(Simplifier.simplify(east, 5.7)).hasSize(2);
    }

    @Test
    void goesStraightAcrossTheAntimeridian() {
        List<Fix> straight = List.of(Fixes.at(0, 0, 179.99), Fixes.at(1, 0, -180), Fixes.at(2, 0, -179.99));
        assertThat(Simplifier.simplify(straight, 1)).hasSize(2);
        List<Fix> there = List.of(Fixes.at(0, 0, 179), Fixes.at(1, 0, 0), Fixes.at(2, 0, -179));
        assertThat(Simplifier.simplify(there, 1)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"visnjan-car", "zbevnica-walk", "cerknica-lake"})
    void leavesNothingOutThatIsFartherThanTheTolerance(String name) {
        List<Fix> track = Track.recorded(name).points().stream()
                .map(point -> Fixes.at((long) point.seconds(), point.latitude(), point.longitude()))
                .toList();
        List<Fix> simplified = Simplifier.simplify(track, 10);
        assertThat(simplified).hasSizeLessThan(track.size() / 2).startsWith(track.get(0));
        assertThat(simplified).endsWith(track.get(track.size() - 1));
        int next = 1;
        for (Fix fix : track) {
            if (fix.equals(simplified.get(next)) && next < simplified.size() - 1) {
                next++;
            }
            assertThat(distance(fix, simplified.get(next - 1), simplified.get(next)))
                    .isLessThan(10.1);
        }
    }

    @Test
    void tracksOfLittleStayWhatTheyAre() {
        assertThat(Simplifier.simplify(List.of(), 1)).isEmpty();
        assertThat(Simplifier.simplify(List.of(Fixes.EVERYTHING), 1)).containsExactly(Fixes.EVERYTHING);
        List<Fix> still = List.of(Fixes.at(0, 1, 1), Fixes.at(1, 1, 1), Fixes.at(2, 1, 1));
        assertThat(Simplifier.simplify(still, 0)).containsExactly(still.get(0), still.get(2));
    }

    @Test
    void refusesAToleranceThatIsNone() {
        assertThatThrownBy(() -> Simplifier.simplify(List.of(), Double.NaN)).hasMessageContaining("0 or more");
        assertThatThrownBy(() -> Simplifier.simplify(List.of(), -1)).hasMessageContaining("0 or more");
    }

    /** The farthest point is always the next one: unbounded, this takes 10¹¹ steps and a stack of 500,000 frames. */
    @Test
    @Timeout(value = 30, unit = SECONDS)
    void isNotBroughtDownByATrackMadeToTakeLong() {
        List<Fix> spiral = new ArrayList<>();
        for (int i = 0; i < 500_000; i++) {
            spiral.add(Fixes.at(i, i % 2 == 0 ? 0 : 10 - i * 1e-5, 0));
        }
        assertThat(Simplifier.simplify(spiral, 1)).hasSizeGreaterThan(1000);
        Random random = new Random(1);
        List<Fix> noise = new ArrayList<>();
        for (int i = 0; i < 500_000; i++) {
            noise.add(Fixes.at(i, random.nextDouble(), random.nextDouble()));
        }
        assertThat(Simplifier.simplify(noise, 1)).hasSizeGreaterThan(400_000);
    }

    private static double distance(Fix fix, Fix from, Fix to) {
        double scale = Math.cos(Math.toRadians(fix.latitude()));
        double dx = (to.longitude() - from.longitude()) * scale;
        double dy = to.latitude() - from.latitude();
        double x = (fix.longitude() - from.longitude()) * scale;
        double y = fix.latitude() - from.latitude();
        double length = dx * dx + dy * dy;
        double along = length == 0 ? 0 : Math.max(0, Math.min(1, (x * dx + y * dy) / length));
        return Math.hypot(x - along * dx, y - along * dy) * METRES_PER_DEGREE;
    }
}
