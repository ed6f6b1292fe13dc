package org.draugar.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.draugar.stream.LocalStream;
import org.draugar.support.Server;
import org.junit.jupiter.api.Test;

class DeliveryProbeTest {
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final LocalStream stream = new LocalStream();
    private final DeliveryProbe probe = new DeliveryProbe(stream, PATIENCE);

    @Test
    void aStreamThatCarriesEventsIsWellHoweverLate() {
        assertThat(probe.trouble()).isEmpty();
        long start = System.nanoTime();
        Server.await("some time passes", Duration.ofSeconds(10), () -> {
            assertThat(probe.trouble()).isEmpty();
            return System.nanoTime() - start > 2 * PATIENCE.toNanos();
        });
    }

    @Test
    void aStreamThatTellsNobodyIsFound() {
        assertThat(probe.trouble()).isEmpty();
        stream.unfollow(probe.family());
        Server.await("the silence is told", Duration.ofSeconds(10), () -> probe.trouble()
                .filter(words -> words.startsWith("Live events have not come through"))
                .isPresent());
    }
}
