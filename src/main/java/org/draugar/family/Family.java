package org.draugar.family;

import java.time.Duration;
import java.util.Optional;

/**
 * A family.
 *
 * @param history how long it keeps positions, zero for only the last one of each member; empty for as long as the server
 * @param serverCanRead whether the server makes the keys that its positions are encrypted with
 */
public record Family(FamilyId id, String name, Optional<Duration> history, boolean serverCanRead) {

    /**
     * How long it keeps positions: for its own term, and never longer than the server.
     *
     * @param server how long the server keeps any
     */
    public Duration term(Duration server) {
        return term(history, server);
    }

    /** The same, where only its own term is known. */
    public static Duration term(Optional<Duration> own, Duration server) {
        return own.filter(term -> term.compareTo(server) < 0).orElse(server);
    }
}
