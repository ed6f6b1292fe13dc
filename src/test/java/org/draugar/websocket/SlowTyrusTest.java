package org.draugar.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowTyrusTest {

    @ParameterizedTest
    @CsvSource({
        "2.1.5.payara-p2, true",
        "2.2.0, true",
        "1.22.3, true",
        "2.2.1, false",
        "2.2.2, false",
        "2.10.0, false",
        "3.0.0, false",
        "something, false"
    })
    void knowsTheVersionsWithATimerForEachMessage(String version, boolean slow) {
        assertThat(SlowTyrus.isSlow(version)).isEqualTo(slow);
    }
}
