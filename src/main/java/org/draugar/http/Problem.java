package org.draugar.http;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** A request that cannot be granted, with the HTTP status and the sentence that tells the person why. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Duration retryAfter;

    /**
     * @param status HTTP status code
     * @param message what is wrong and what would be right, for people
     */
    public Problem(int status, String message) {
        this(status, message, null);
    }

    /** @param retryAfter how long to wait before the next attempt, or null */
    public Problem(int status, String message, Duration retryAfter) {
        // No stack trace: a problem is an answer, not a fault, and hostile peers can ask for many.
        super(message, null, false, false);
        this.status = status;
        this.retryAfter = retryAfter;
    }

    /** The problem for which some work failed, if it was one: futures wrap what they fail with. */
    public static Optional<Problem> in(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof Problem problem ? Optional.of(problem) : Optional.empty();
    }

    /** Whether the same may be granted later. */
    public boolean isTemporary() {
        return status == 429 || status == 503;
    }

    /** HTTP status code. */
    public int status() {
        return status;
    }

    /** How long to wait before the next attempt. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
