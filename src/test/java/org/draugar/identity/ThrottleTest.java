package org.draugar.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.draugar.http.Problem;
import org.draugar.identity.ClientAddress.Source;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final Throttle throttle = new Throttle();

    @Test
    void slowsDownWhoGuessesAndSaysHowLong() {
        guess("192.0.2.1", Throttle.BURST);

        assertThatThrownBy(() -> throttle.attempt(from("192.0.2.1"))).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(429);
            assertThat(problem.retryAfter().orElseThrow()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
        });
    }

    @Test
    void locksNobodyElseOut() {
        guess("192.0.2.1", Throttle.BURST);
        assertThatCode(() -> throttle.attempt(from("192.0.2.2"))).doesNotThrowAnyException();
    }

    @Test
    void takesANetworkOfIpv6AddressesForOne() {
        for (int i = 0; i < Throttle.BURST; i++) {
            throttle.attempt(from("2001:db8::" + i));
        }
        assertThatThrownBy(() -> throttle.attempt(from("2001:db8::ffff"))).isInstanceOf(Problem.class);
        assertThatCode(() -> throttle.attempt(from("2001:db8:0:1::1"))).doesNotThrowAnyException();
    }

    @Test
    void whoHasManyIpv6NetworksGainsLittle() {
        int guesses = 0;
        try {
            for (; guesses < 1000; guesses++) {
                throttle.attempt(from("2001:db8:7:" + Integer.toHexString(guesses) + "::1"));
            }
        } catch (Problem e) {
            assertThat(e.status()).isEqualTo(429);
        }
        assertThat(guesses).isBetween(10 * Throttle.BURST, 11 * Throttle.BURST);
        assertThatCode(() -> throttle.attempt(from("2001:db8:8::1"))).doesNotThrowAnyException();
    }

    @Test
    void aRightCodeCostsNothing() {
        for (int i = 0; i < 10 * Throttle.BURST; i++) {
            throttle.attempt(from("192.0.2.1"));
            throttle.forgive(from("192.0.2.1"));
        }
        assertThatCode(() -> throttle.attempt(from("192.0.2.1"))).doesNotThrowAnyException();
    }

    @Test
    void oneBehindAForgottenProxyLocksNobodyElseThereOut() {
        for (int i = 0; i < Throttle.BURST; i++) {
            throttle.attempt(new Source("198.51.100.1", "172.17.0.1"));
        }
        assertThatThrownBy(() -> throttle.attempt(new Source("198.51.100.1", "172.17.0.1")))
                .isInstanceOf(Problem.class);
        assertThatCode(() -> throttle.attempt(new Source("198.51.100.2", "172.17.0.1")))
                .doesNotThrowAnyException();
    }

    @Test
    void whoMakesAddressesUpGainsLittle() {
        int guesses = 0;
        try {
            for (; guesses < 10_000; guesses++) {
                throttle.attempt(new Source("198.51." + guesses / 250 + "." + guesses % 250, "192.168.1.9"));
            }
        } catch (Problem e) {
            assertThat(e.status()).isEqualTo(429);
        }
        assertThat(guesses).isBetween(10 * Throttle.BURST, 11 * Throttle.BURST);
        assertThatCode(() -> throttle.attempt(from("192.0.2.1"))).doesNotThrowAnyException();
    }

    @Test
    void allTogetherMayNotGuessWithoutEnd() {
        int guesses = 0;
        try {
            for (; guesses < 100_000; guesses++) {
                throttle.attempt(from("198.5" + guesses / 62_500 + "." + guesses / 250 % 250 + "." + guesses % 250));
            }
        } catch (Problem e) {
            assertThat(e.status()).isEqualTo(429);
        }
        assertThat(guesses).isBetween(1000, 20_000);
    }

    private static Source from(String address) {
        return new Source(address, null);
    }

    private void guess(String address, int times) {
        for (int i = 0; i < times; i++) {
            throttle.attempt(from(address));
        }
    }
}
