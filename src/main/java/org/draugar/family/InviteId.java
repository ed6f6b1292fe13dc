package org.draugar.family;

import java.util.Optional;

/**
 * Identifies an invitation, and opens nothing: that is what its code is for.
 *
 * @param value a random positive number
 */
public record InviteId(long value) {

    /** A new one. */
    public static InviteId random() {
        return new InviteId(Ids.random());
    }

    /** Reads the form that {@link #toString()} writes. */
    public static Optional<InviteId> parse(String text) {
        return Ids.parse(text).map(InviteId::new);
    }

    @Override
    public String toString() {
        return Ids.text(value);
    }
}
