package org.draugar.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.draugar.http.Problem;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final Throttle throttle = new Throttle();

    @Test
    void slowsDownWhoGuessesAndSaysHowLong() {
        guess("192.0.2.1", Throttle.BURST);

        assertThatThrownBy(() -> throttle.attempt("192.0.2.1")).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(429);
            assertThat(problem.retryAfter().orElseThrow()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
        });
    }

    @Test
    void locksNobodyElseOut() {
        guess("192.0.2.1", Throttle.BURST);
        assertThatCode(() -> throttle.attempt("192.0.2.2")).doesNotThrowAnyException();
    }

    @Test
    void takesANetworkOfIpv6AddressesForOne() {
        for (int i = 0; i < Throttle.BURST; i++) {
            throttle.attempt("2001:db8::" + i);
        }
        assertThatThrownBy(() -> throttle.attempt("2001:db8::ffff")).isInstanceOf(Problem.class);
        assertThatCode(() -> throttle.attempt("2001:db8:0:1::1")).doesNotThrowAnyException();
    }

    @Test
    void aRightCodeCostsNothing() {
        for (int i = 0; i < 10 * Throttle.BURST; i++) {
            throttle.attempt("192.0.2.1");
            throttle.forgive("192.0.2.1");
        }
        assertThatCode(() -> throttle.attempt("192.0.2.1")).doesNotThrowAnyException();
    }

    private void guess(String address, int times) {
        for (int i = 0; i < times; i++) {
            throttle.attempt(address);
        }
    }
}
