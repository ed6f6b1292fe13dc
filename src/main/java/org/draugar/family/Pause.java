package org.draugar.family;

import java.time.Instant;

/**
 * A time in which a member shares nothing.
 *
 * @param since its first moment
 * @param until the first moment after it, or null while it lasts until the member ends it
 */
public record Pause(Instant since, Instant until) {

    boolean contains(Instant moment) {
        return !moment.isBefore(since) && !isOver(moment);
    }

    boolean isOver(Instant now) {
        return until != null && !now.isBefore(until);
    }
}
