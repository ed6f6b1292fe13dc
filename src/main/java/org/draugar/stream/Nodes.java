package org.draugar.stream;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What the nodes of a cluster tell each other beside the families' streams. What is announced may get lost: so it says
 * only what to read again in the store. Thread-safe.
 */
public interface Nodes {

    /** A server that is alone. */
    Nodes NONE = new Nodes() {
        @Override
        public void announce(String message) {}

        @Override
        public void listen(Consumer<String> others, Runnable missed) {}

        @Override
        public void remember(String key, String value, Duration term) {}

        @Override
        public CompletionStage<Optional<String>> recall(String key) {
            return CompletableFuture.completedStage(Optional.empty());
        }
    };

    /** Tells all other nodes. Does not block. */
    void announce(String message);

    /**
     * Hears the other nodes from now on, in the order in which each of them spoke.
     *
     * @param others told each message, not those of this node; must not block
     * @param missed run when the line is up again after it was down: whatever could have been announced is to be read again
     */
    void listen(Consumer<String> others, Runnable missed);

    /** Remembers something for all nodes, for a while. Does not block. */
    void remember(String key, String value, Duration term);

    /** What any node remembered last under a key; exceptionally when the engine does not answer. */
    CompletionStage<Optional<String>> recall(String key);
}
