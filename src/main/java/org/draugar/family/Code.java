package org.draugar.family;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Optional;

/**
 * A code that people read to each other and type in: letters and digits that cannot be mistaken for one another.
 *
 * @param text upper case, without blanks
 */
public record Code(String text) {
    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final SecureRandom RANDOM = new SecureRandom();
    /**
     * As many as the phone app's field takes; it cuts off what is more. 32^8 codes: at the throttled rate of a guess every
     * few seconds, beyond reach before one expires.
     */
    private static final int LENGTH = 8;

    private static final int LENGTH_BEFORE = 10;

    /** A new random code. */
    public static Code random() {
        StringBuilder text = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            text.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return new Code(text.toString());
    }

    /** The code that random bytes stand for. */
    static Code of(byte[] random) {
        StringBuilder text = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            text.append(ALPHABET.charAt(Math.floorMod(random[i], ALPHABET.length())));
        }
        return new Code(text.toString());
    }

    /** What somebody typed, case and blanks forgiven; empty when it cannot be a code. */
    public static Optional<Code> parse(String typed) {
        if (typed == null || typed.length() > 128) {
            return Optional.empty();
        }
        String text = typed.replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT);
        boolean fits = text.length() >= 8 && text.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
        return fits ? Optional.of(new Code(text)) : Optional.empty();
    }

    /** Whether it may be one of those that were longer, and stored by their SHA-256 alone. */
    boolean mayBeOfBefore() {
        return text.length() == LENGTH_BEFORE;
    }

    /** SHA-256 of a secret's text. */
    public static byte[] sha256(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** The code itself stays out of logs. */
    @Override
    public String toString() {
        return "Code";
    }
}
