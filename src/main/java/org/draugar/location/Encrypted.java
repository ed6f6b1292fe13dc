package org.draugar.location;

import java.time.Instant;

/**
 * A position that the family's devices encrypted among themselves (libsodium's secretbox): the server carries it and
 * cannot read it.
 *
 * @param v version of the format, 1
 * @param n nonce of 24 bytes, base64url without padding
 * @param c ciphertext, base64url without padding
 * @param measuredAt when it came in
 */
public record Encrypted(int v, String n, String c, Instant measuredAt) implements Report {}
