package org.draugar.notifications;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import org.draugar.settings.Settings;
import org.draugar.settings.Smtp;
import org.draugar.store.Store;

/** The key pair by which push services know this server (RFC 8292). Thread-safe. */
@Singleton
class PushKey {
    private final Store store;
    private final String subject;
    private volatile Pair pair;

    private record Pair(ECPublicKey publicKey, ECPrivateKey privateKey) {}

    @Inject
    PushKey(Store store, Settings settings) {
        this.store = store;
        this.subject = settings.url()
                .filter(url -> url.startsWith("https:"))
                .or(() -> settings.smtp().map(Smtp::from).map(from -> "mailto:" + from))
                .orElse(null);
    }

    /** The public key in base64url, as browsers want it for a subscription ({@code applicationServerKey}). */
    String publicKey() {
        return WebPush.base64(P256.bytes(pair().publicKey()));
    }

    /** @param audience origin of the push service */
    String authorization(String audience) {
        Pair known = pair();
        return WebPush.authorization(audience, subject, Instant.now(), known.publicKey(), known.privateKey());
    }

    private Pair pair() {
        if (pair == null) {
            pair = store.jdbi().inTransaction(handle -> {
                KeyPair fresh = P256.generate();
                // Where there is one, or another server has just made it, that is the one.
                handle.createUpdate("insert into push_key (id, public_key, private_key)"
                                + " values (1, :public, :private) on conflict do nothing")
                        .bind("public", P256.bytes((ECPublicKey) fresh.getPublic()))
                        .bind("private", P256.bytes((ECPrivateKey) fresh.getPrivate()))
                        .execute();
                return handle.createQuery("select public_key, private_key from push_key where id = 1")
                        .map((row, context) -> new Pair(publicKey(row.getBytes(1)), P256.privateKey(row.getBytes(2))))
                        .one();
            });
        }
        return pair;
    }

    private static ECPublicKey publicKey(byte[] bytes) {
        try {
            return P256.publicKey(bytes);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("The push key in the store is damaged", e);
        }
    }
}
