package org.draugar.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.draugar.location.PositionStore;
import org.draugar.status.Checkup.State;
import org.junit.jupiter.api.Test;

/** From where on something is worth a warning; what a request tells is in {@code ReverseProxyIT}. */
class CheckupTest {

    @Test
    void warnsBeforeDiskMemoryAndQueueAreFull() {
        assertThat(Checkup.disk(1L << 30).state()).isEqualTo(State.OK);
        assertThat(Checkup.disk((1L << 30) - 1).state()).isEqualTo(State.WARNING);
        assertThat(Checkup.memory(0.8).state()).isEqualTo(State.OK);
        assertThat(Checkup.memory(0.9).state()).isEqualTo(State.WARNING);
        assertThat(Checkup.store(PositionStore.MAX_WAITING / 2).state()).isEqualTo(State.OK);
        assertThat(Checkup.store(PositionStore.MAX_WAITING / 2 + 1).state()).isEqualTo(State.WARNING);
    }

    @Test
    void clocksMayBeAMinuteApartEitherWay() {
        Instant ours = Instant.parse("2026-11-29T08:00:00Z");
        assertThat(Checkup.clock(null, ours).state()).isEqualTo(State.UNKNOWN);
        assertThat(Checkup.clock(ours.plusSeconds(60), ours).state()).isEqualTo(State.OK);
        assertThat(Checkup.clock(ours.minusSeconds(60), ours).state()).isEqualTo(State.OK);
        assertThat(Checkup.clock(ours.plusSeconds(61), ours).state()).isEqualTo(State.WARNING);
        assertThat(Checkup.clock(ours.minusSeconds(61), ours).state()).isEqualTo(State.WARNING);
    }
}
