package org.draugar.notifications;

import jakarta.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Messages that only a browser or an app can read (RFC 8291), from a server that its push service knows (RFC 8292). */
final class WebPush {
    /** Most bytes of a message, so that it is at most 4,096 when it is encrypted (RFC 8291, 4). */
    static final int MAX_BYTES = 3993;
    /** Of the secret that comes with a subscription (RFC 8291, 3.2). */
    static final int AUTH = 16;

    private static final int SALT = 16;
    /** RFC 8188, 2.1: a message is one record. */
    private static final int RECORD = 4096;

    private static final int TAG_BITS = 128;
    private static final byte LAST_RECORD = 2;
    private static final String HMAC = "HmacSHA256";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Less than the 24 hours that RFC 8292, 2, allows. */
    private static final Duration TOKEN_TERM = Duration.ofHours(12);

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private WebPush() {}

    /**
     * Encrypts a message in the content encoding {@code aes128gcm}.
     *
     * @param receiver the public key of the subscription
     * @param auth its secret
     */
    static byte[] encrypt(byte[] message, ECPublicKey receiver, byte[] auth) {
        byte[] salt = new byte[SALT];
        RANDOM.nextBytes(salt);
        return encrypt(message, receiver, auth, P256.generate(), salt);
    }

    /** @param sender keys that are used for this message alone */
    static byte[] encrypt(byte[] message, ECPublicKey receiver, byte[] auth, KeyPair sender, byte[] salt) {
        if (message.length > MAX_BYTES) {
            throw new IllegalArgumentException("A message of at most " + MAX_BYTES + " bytes");
        }
        try {
            byte[] from = P256.bytes((ECPublicKey) sender.getPublic());
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
            agreement.init(sender.getPrivate());
            agreement.doPhase(receiver, true);
            // RFC 8291, 3.4, and HKDF (RFC 5869) with outputs of one block.
            byte[] info = join(text("WebPush: info\0"), P256.bytes(receiver), from);
            byte[] key = expand(hmac(auth, agreement.generateSecret()), info);
            byte[] secret = hmac(salt, key);
            byte[] contentKey = Arrays.copyOf(expand(secret, text("Content-Encoding: aes128gcm\0")), 16);
            byte[] nonce = Arrays.copyOf(expand(secret, text("Content-Encoding: nonce\0")), 12);
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE, new SecretKeySpec(contentKey, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
            byte[] encrypted = cipher.doFinal(join(message, new byte[] {LAST_RECORD}));
            byte[] head = ByteBuffer.allocate(SALT + 5)
                    .put(salt)
                    .putInt(RECORD)
                    .put((byte) from.length)
                    .array();
            return join(head, from, encrypted);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has ECDH and AES", e);
        }
    }

    private static byte[] expand(byte[] key, byte[] info) throws GeneralSecurityException {
        return hmac(key, join(info, new byte[] {1}));
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(key, HMAC));
        return mac.doFinal(data);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /**
     * The value of {@code Authorization} by which a push service knows this server (RFC 8292, 3).
     *
     * @param audience origin of the push service
     * @param subject where its people reach the server's, a {@code mailto:} or {@code https:} URI, or null
     */
    static String authorization(String audience, String subject, Instant now, ECPublicKey key, ECPrivateKey secret) {
        var claims = Json.createObjectBuilder()
                .add("aud", audience)
                .add("exp", now.plus(TOKEN_TERM).getEpochSecond());
        if (subject != null) {
            claims.add("sub", subject);
        }
        String signed = base64(text("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"))
                + "."
                + base64(claims.build().toString().getBytes(StandardCharsets.UTF_8));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(secret);
            signature.update(text(signed));
            return "vapid t=" + signed + "." + base64(signature.sign()) + ", k=" + base64(P256.bytes(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has ECDSA", e);
        }
    }

    static String base64(byte[] bytes) {
        return BASE64.encodeToString(bytes);
    }
}
