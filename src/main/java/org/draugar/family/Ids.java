package org.draugar.family;

import java.security.SecureRandom;
import java.util.Optional;

/** Identifiers: random positive 63-bit numbers, written in base 36 outside of the store. */
public final class Ids {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {}

    /** A new one. */
    public static long random() {
        return RANDOM.nextLong() >>> 1;
    }

    /** As it is written outside of the store. */
    public static String text(long value) {
        return Long.toString(value, 36);
    }

    /** Reads what {@link #text} writes; empty for anything else. */
    public static Optional<Long> parse(String text) {
        try {
            long value = Long.parseLong(text, 36);
            // Only the written form that we give out counts, so that an id has one name.
            return value >= 0 && text(value).equals(text) ? Optional.of(value) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
