package org.draugar.http;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;

/**
 * Ends requests that wait for the store too long. {@link CompletableFuture#orTimeout} would do the same by a thread of
 * the JDK's, which lives as long as the server and holds the class loader of the application that was there first, so
 * that nothing of it could go after a redeployment. Thread-safe.
 */
@Singleton
public class Deadlines {
    /** What a request waits at most. */
    static final Duration WAIT = Duration.ofSeconds(20);

    /** By deadline, as all wait equally long. */
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();

    private record Waiting(long deadline, CompletableFuture<?> outcome) {}

    /** Gives what becomes of something, or a {@link TimeoutException} after twenty seconds, a second more or less. */
    public <T> CompletableFuture<T> guard(CompletableFuture<T> something) {
        CompletableFuture<T> outcome = something.copy();
        if (!outcome.isDone()) {
            waiting.add(new Waiting(System.nanoTime() + WAIT.toNanos(), outcome));
        }
        return outcome;
    }

    /** To be called every second. */
    public void look() {
        long now = System.nanoTime();
        Waiting first = waiting.peek();
        while (first != null && (first.outcome().isDone() || first.deadline() - now < 0)) {
            waiting.remove();
            first.outcome().completeExceptionally(new TimeoutException());
            first = waiting.peek();
        }
    }
}
