package org.draugar.location;

import java.util.concurrent.CompletableFuture;

/**
 * What becomes of a report.
 *
 * @param placed completes when it has its place in the family's stream, or will never have one
 * @param stored completes when it is safely stored, exceptionally when it could not be
 */
record PendingReport(CompletableFuture<Void> placed, CompletableFuture<Void> stored) {
    PendingReport() {
        this(new CompletableFuture<>(), new CompletableFuture<>());
    }

    /** Of a report that was stored before. */
    static PendingReport ofStored() {
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        return new PendingReport(done, done);
    }
}
