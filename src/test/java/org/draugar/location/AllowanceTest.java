package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.draugar.http.Problem;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static final int PER_SECOND = 20;
    private static final int THREADS = 8;

    @Test
    void whatManyThreadsTakeIsCounted() throws InterruptedException {
        long begun = System.nanoTime();
        Allowance allowance = new Allowance(PER_SECOND);
        AtomicInteger taken = new AtomicInteger();
        Runnable taker = () -> {
            try {
                while (true) {
                    allowance.take();
                    taken.incrementAndGet();
                }
            } catch (Problem e) {
                assertThat(e.status()).isEqualTo(429);
            }
        };
        Thread[] threads =
                Stream.generate(() -> new Thread(taker)).limit(THREADS).toArray(Thread[]::new);
        for (Thread thread : threads) {
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0;
        assertThat((double) taken.get()).isBetween(500.0 * PER_SECOND, 500.0 * PER_SECOND + seconds * PER_SECOND + 1);
    }
}
