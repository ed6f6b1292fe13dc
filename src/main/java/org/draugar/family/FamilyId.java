package org.draugar.family;

import java.util.Optional;

/**
 * Identifies a family.
 *
 * @param value a random positive number
 */
public record FamilyId(long value) {

    /** A new one. */
    public static FamilyId random() {
        return new FamilyId(Ids.random());
    }

    /** Reads the form that {@link #toString()} writes. */
    public static Optional<FamilyId> parse(String text) {
        return Ids.parse(text).map(FamilyId::new);
    }

    @Override
    public String toString() {
        return Ids.text(value);
    }
}
