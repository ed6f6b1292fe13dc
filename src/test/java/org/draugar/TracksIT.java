package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.draugar.support.Track;
import org.junit.jupiter.api.Test;

/**
 * Real movement: three recorded tracks replayed by three members at their recorded spacing, faster by
 * {@code draugar.tracks.speedup} (1000, so that the test takes 15 seconds; {@code -Ddraugar.tracks.speedup=60} for a
 * longer look), and a fourth who sees every point in order.
 */
@SharedServer
class TracksIT {
    private final Server server;

    TracksIT(Server server) {
        this.server = server;
    }

    @Test
    void theFamilySeesEveryPointInOrder() throws Exception {
        double speedup = Double.parseDouble(System.getProperty("draugar.tracks.speedup", "1000"));
        Person viewer = server.startFamily("Viewer");
        Map<Person, Track> moving = new LinkedHashMap<>();
        for (String name : List.of("visnjan-car", "zbevnica-walk", "cerknica-lake")) {
            moving.put(server.join(viewer, name), Track.recorded(name));
        }
        int points = moving.values().stream()
                .mapToInt(track -> track.points().size())
                .sum();
        // One thread: two would send a track's points in the wrong order when they come close together.
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        List<Phone> phones = new ArrayList<>();
        try (Phone viewers = Phone.connect(server, viewer)) {
            viewers.subscribe();
            List<ScheduledFuture<?>> updates = new ArrayList<>();
            moving.forEach((person, track) -> {
                Phone phone = Phone.connect(server, person);
                phones.add(phone);
                for (Track.Point point : track.points()) {
                    updates.add(clock.schedule(
                            () -> phone.send(Phone.update(point.latitude(), point.longitude())),
                            (long) (point.seconds() * 1e6 / speedup),
                            TimeUnit.MICROSECONDS));
                }
            });

            Map<String, List<List<Double>>> seen = new LinkedHashMap<>();
            List<Long> delays = new ArrayList<>();
            for (int i = 0; i < points; i++) {
                JsonObject heard = viewers.hear("location:broadcast", Duration.ofMinutes(2));
                delays.add(
                        Duration.between(java.time.Instant.parse(heard.getString("timestamp")), java.time.Instant.now())
                                .toMillis());
                seen.computeIfAbsent(heard.getString("userId"), id -> new ArrayList<>())
                        .add(List.of(
                                heard.getJsonNumber("latitude").doubleValue(),
                                heard.getJsonNumber("longitude").doubleValue()));
            }
            for (ScheduledFuture<?> update : updates) {
                update.get();
            }
            moving.forEach((person, track) -> assertThat(seen.get(person.id()))
                    .as(track.name())
                    .isEqualTo(track.points().stream()
                            .map(point -> List.of(point.latitude(), point.longitude()))
                            .toList()));
            delays.sort(null);
            System.out.printf(
                    "TracksIT: %d points at %.0f times their speed, in order; from reading to seen p50 %d ms, p99 %d ms%n",
                    points, speedup, delays.get(points / 2), delays.get(points * 99 / 100));
        } finally {
            clock.shutdownNow();
            phones.forEach(Phone::close);
        }
    }
}
