package org.draugar.location;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * A position that the family's devices encrypted among themselves (libsodium's secretbox): the server carries it and
 * cannot read it.
 *
 * @param v what is encrypted: {@value #DRAUGAR} or {@value #OWNTRACKS}
 * @param n nonce of 24 bytes, base64url without padding
 * @param c ciphertext, base64url without padding
 * @param measuredAt when it was measured, which is said in the clear; null where it is not said. What is kept has the
 *     time at which it came in instead
 */
public record Encrypted(int v, String n, String c, Instant measuredAt) implements Report {
    /** A position in Draugar's own JSON, by the family's key. */
    public static final int DRAUGAR = 1;

    /** A message of OwnTracks, by the secret that is set in the apps. */
    public static final int OWNTRACKS = 2;

    private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9_-]{32}");
    private static final Pattern CIPHERTEXT = Pattern.compile("[A-Za-z0-9_-]{22,4000}");

    Encrypted at(Instant moment) {
        return new Encrypted(v, n, c, moment);
    }

    /** Whether these are a nonce and a ciphertext of the size of a position. */
    public static boolean isPayload(String n, String c) {
        return n != null
                && c != null
                && NONCE.matcher(n).matches()
                && CIPHERTEXT.matcher(c).matches();
    }
}
