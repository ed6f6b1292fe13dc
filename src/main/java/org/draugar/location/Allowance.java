package org.draugar.location;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.draugar.http.Problem;

/**
 * How much one member may send: so many positions a second for long, and {@value #BURST_SECONDS} seconds' worth at once,
 * as after a day without a network. A token bucket. Thread-safe.
 */
final class Allowance {
    private static final int BURST_SECONDS = 500;
    /** What is waited for before the next attempt. */
    private static final Duration REST = Duration.ofSeconds(30);

    private final int perSecond;
    private double left;
    private long at = System.nanoTime();

    Allowance(int perSecond) {
        this.perSecond = perSecond;
        left = (double) perSecond * BURST_SECONDS;
    }

    /** @throws Problem 429 when nothing is left */
    synchronized void take() {
        long now = System.nanoTime();
        left = Math.min(
                (double) perSecond * BURST_SECONDS,
                left + (double) perSecond * (now - at) / TimeUnit.SECONDS.toNanos(1));
        at = now;
        if (left < 1) {
            throw new Problem(
                    429,
                    "You send more than " + perSecond + " positions a second; send it again in half a minute",
                    REST);
        }
        left--;
    }
}
