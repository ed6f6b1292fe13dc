package org.draugar.family;

import java.util.Optional;

/**
 * Identifies a member of a family, {@code userId} on the wire.
 *
 * @param value a random positive number
 */
public record MemberId(long value) {

    /** A new one. */
    public static MemberId random() {
        return new MemberId(Ids.random());
    }

    /** Reads the form that {@link #toString()} writes. */
    public static Optional<MemberId> parse(String text) {
        return Ids.parse(text).map(MemberId::new);
    }

    @Override
    public String toString() {
        return Ids.text(value);
    }
}
