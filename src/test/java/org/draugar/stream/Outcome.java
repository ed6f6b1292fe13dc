package org.draugar.stream;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What becomes of an event: its offset, {@value #CLOSED}, or an exception. */
final class Outcome extends CompletableFuture<Long> implements FamilyStream.Appending {
    static final long CLOSED = -1;

    @Override
    public void placed(long offset) {
        complete(offset);
    }

    @Override
    public void closed() {
        complete(CLOSED);
    }

    @Override
    public void failed(RuntimeException reason) {
        completeExceptionally(reason);
    }

    long await() {
        try {
            return get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
