package org.draugar.family;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.draugar.settings.SecretFile;
import org.draugar.settings.Settings;

/**
 * The key that codes are hashed with. A code is short enough to be typed, so whoever has a plain hash of one finds it by
 * trying them all, in minutes. The key lies beside the store and in no backup of it: a stolen store alone opens nothing.
 */
@Singleton
class CodeKey {
    private static final Logger LOG = System.getLogger(CodeKey.class.getName());
    private static final String HMAC = "HmacSHA256";
    private static final int BYTES = 32;

    private final byte[] key;

    @Inject
    CodeKey(Settings settings) {
        this(settings.codeKey()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .orElseGet(() -> fromFile(settings)));
    }

    CodeKey(byte[] key) {
        this.key = key;
    }

    private static byte[] fromFile(Settings settings) {
        SecretFile file = new SecretFile(settings.data().resolve("code.key"));
        try {
            file.create();
            return file.read().getBytes(StandardCharsets.UTF_8);
        } catch (IOException | UncheckedIOException e) {
            LOG.log(
                    Level.WARNING,
                    "Open invitations end with this server: set DRAUGAR_CODE_KEY, or let it write {0}",
                    file.file());
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            return random;
        }
    }

    /** What is stored of a code. */
    byte[] hash(Code code) {
        return hash(code.text());
    }

    /** A code that each node finds for the same purpose, and nobody else. */
    Code derive(String purpose) {
        return Code.of(hash(purpose + " code"));
    }

    private byte[] hash(String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HMAC with SHA-256", e);
        }
    }
}
