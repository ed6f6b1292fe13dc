package org.draugar.encryption;

import java.security.KeyPair;
import java.util.Arrays;
import software.pando.crypto.nacl.CryptoBox;

/**
 * A group key that one member can unwrap: libsodium's crypto_box (X25519, XSalsa20-Poly1305).
 *
 * @param sealed nonce and box, {@value #BYTES} bytes
 * @param wrappedBy public key of the device that wrapped it
 * @param version of the group key
 */
record Wrapped(byte[] sealed, byte[] wrappedBy, int version) {
    /** Of a public key, and of a group key. */
    static final int KEY_BYTES = 32;
    /** Nonce, authenticator and group key. */
    static final int BYTES = 24 + 16 + KEY_BYTES;

    /** Wraps a group key with a key pair that is forgotten at once. */
    static Wrapped wrap(byte[] groupKey, int version, byte[] publicKey) {
        KeyPair once = CryptoBox.keyPair();
        try (CryptoBox box = CryptoBox.encrypt(once.getPrivate(), CryptoBox.publicKey(publicKey), groupKey)) {
            byte[] sealed = Arrays.copyOf(box.getNonce(), BYTES);
            byte[] boxed = box.getCiphertextWithTag();
            System.arraycopy(boxed, 0, sealed, BYTES - boxed.length, boxed.length);
            // The key itself comes last in its X.509 form.
            byte[] encoded = once.getPublic().getEncoded();
            return new Wrapped(
                    sealed, Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length), version);
        }
    }

    /** Whether something can be wrapped for a public key: not for a point of small order, which hides nothing. */
    static boolean isPossibleFor(byte[] publicKey) {
        try {
            wrap(new byte[KEY_BYTES], 0, publicKey);
            return true;
        } catch (IllegalArgumentException | IllegalStateException e) {
            return false;
        }
    }
}
