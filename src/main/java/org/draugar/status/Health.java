package org.draugar.status;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.StringJoiner;
import org.draugar.monitoring.HealthCheck;

/**
 * Whether the server works, asked once a second, so that however many ask for it cost nothing: a check may wait for a
 * database that hangs. Thread-safe.
 */
@Singleton
public class Health {
    private static final Logger LOG = System.getLogger(Health.class.getName());
    /** Longer than any check takes: the thread that asks is stuck. */
    private static final Duration STUCK = Duration.ofSeconds(12);

    private final Iterable<HealthCheck> checks;
    /** Written by the thread that asks alone. */
    private volatile Verdict verdict;

    /** @param at when it was found, in {@link System#nanoTime()} */
    private record Verdict(Optional<String> trouble, long at) {}

    @Inject
    Health(@Any Instance<HealthCheck> checks) {
        this((Iterable<HealthCheck>) checks);
    }

    Health(Iterable<HealthCheck> checks) {
        this.checks = checks;
    }

    /** Asks all parts of the server. To be called once a second, by one thread at a time. */
    public void look() {
        StringJoiner troubles = new StringJoiner(" ");
        checks.forEach(check -> ask(check).ifPresent(troubles::add));
        Optional<String> trouble = Optional.of(troubles.toString()).filter(words -> !words.isEmpty());
        verdict = new Verdict(trouble, System.nanoTime());
    }

    private Optional<String> ask(HealthCheck check) {
        try {
            return check.trouble();
        } catch (RuntimeException e) {
            boolean news = verdict == null || verdict.trouble().isEmpty();
            LOG.log(news ? Level.WARNING : Level.DEBUG, "A part of the server cannot tell how it is", e);
            return Optional.of("A part of the server cannot tell how it is; the server's log says more.");
        }
    }

    /** What is wrong, in sentences for people; empty when nothing is. Never waits. */
    public Optional<String> trouble() {
        Verdict last = verdict;
        if (last == null) {
            return Optional.of("The server is starting.");
        }
        return System.nanoTime() - last.at() > STUCK.toNanos()
                ? Optional.of("The server's own checks do not come to an end.")
                : last.trouble();
    }
}
