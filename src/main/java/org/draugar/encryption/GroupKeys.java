package org.draugar.encryption;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.draugar.family.Caller;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * The stored public keys and packages, and who may change them: whoever has a version of the group key may wrap it for
 * the others, and an admin may start the next one. Thread-safe.
 */
@Singleton
public class GroupKeys {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Store store;

    @Inject
    GroupKeys(Store store) {
        this.store = store;
    }

    /** The family's part, locked: what is done to its keys is done one after the other. */
    private record State(int version, boolean serverCanRead, byte[] groupKey) {}

    /**
     * A member's part.
     *
     * @param version of the group key that the member has, 0 for none
     * @param wrapped how the member got it; empty where their device made it
     */
    record MemberKey(MemberId member, byte[] publicKey, int version, Optional<Wrapped> wrapped) {}

    /** A family's keys. */
    record Keys(int version, List<MemberKey> members) {}

    /** The caller's public key as they registered it, in base64. */
    public Optional<String> publicKey(Caller caller) {
        return store.jdbi().withHandle(handle -> find(handle, caller.family(), caller.member())
                .map(key -> Base64.getUrlEncoder().withoutPadding().encodeToString(key.publicKey())));
    }

    /** Stores the caller's public key. Another one than before ends what was wrapped for that. */
    void register(Caller caller, byte[] publicKey) {
        store.jdbi().useTransaction(handle -> {
            lock(handle, caller.family());
            Optional<MemberKey> before = find(handle, caller.family(), caller.member());
            if (before.isEmpty()) {
                handle.createUpdate("insert into member_key (member_id, public_key) values (:member, :key)")
                        .bind("member", caller.member().value())
                        .bind("key", publicKey)
                        .execute();
            } else if (!Arrays.equals(before.get().publicKey(), publicKey)) {
                handle.createUpdate("update member_key set public_key = :key, key_version = 0,"
                                + " package = null, wrapped_by = null where member_id = :member")
                        .bind("member", caller.member().value())
                        .bind("key", publicKey)
                        .execute();
            }
        });
    }

    /**
     * The group key as it was wrapped for the caller, in its newest version.
     *
     * @throws Problem 404 saying what is missing
     */
    Wrapped get(Caller caller) {
        return store.jdbi().inTransaction(handle -> {
            State state = lock(handle, caller.family());
            MemberKey key = find(handle, caller.family(), caller.member())
                    .orElseThrow(() ->
                            new Problem(404, "Register your public key first, with POST /api/crypto/register-key"));
            if (key.version() == state.version() && key.wrapped().isPresent()) {
                return key.wrapped().get();
            }
            if (state.serverCanRead()) {
                return wrap(handle, caller, state, key);
            }
            throw new Problem(404, missing(state, key));
        });
    }

    private static String missing(State state, MemberKey key) {
        if (state.version() == 0) {
            return "Your public key is registered; what is missing is the group key: an admin's device makes it";
        }
        return key.version() == state.version()
                ? "Your device made the group key; what is missing is a package that it wraps for itself"
                : "Your public key is registered; what is missing is the group key wrapped for it"
                        + ", by a device of your family that has version " + state.version();
    }

    /** Where the family lets the server read. */
    private static Wrapped wrap(Handle handle, Caller caller, State state, MemberKey key) {
        byte[] groupKey = state.groupKey();
        if (groupKey == null) {
            groupKey = new byte[Wrapped.KEY_BYTES];
            RANDOM.nextBytes(groupKey);
            handle.createUpdate("update family set group_key = :key where id = :id")
                    .bind("key", groupKey)
                    .bind("id", caller.family().value())
                    .execute();
        }
        Wrapped wrapped = Wrapped.wrap(groupKey, state.version(), key.publicKey());
        put(handle, caller.member(), wrapped);
        return wrapped;
    }

    /**
     * Stores the group key as the caller's device wrapped it for a member.
     *
     * @param version one that the caller has, or for an admin the next one, which starts it
     * @param publicKey what it was wrapped for, if the caller says so
     * @throws Problem 403, 404 or 409 saying why not
     */
    void put(Caller caller, MemberId member, byte[] sealed, int version, Optional<byte[]> publicKey) {
        store.jdbi().useTransaction(handle -> {
            State state = lock(handle, caller.family());
            if (state.serverCanRead()) {
                throw new Problem(409, "The server makes your family's group keys: an admin can change that");
            }
            MemberKey own = find(handle, caller.family(), caller.member())
                    .orElseThrow(() ->
                            new Problem(409, "Register your own public key first, with POST /api/crypto/register-key"));
            if (version == state.version() + 1) {
                caller.requireAdmin();
                start(handle, caller, version);
            } else if (version != state.version()) {
                throw new Problem(
                        409,
                        "keyVersion: expected " + state.version() + ", or " + (state.version() + 1)
                                + " to start the next one");
            } else if (own.version() != version) {
                throw new Problem(403, "Only a device that has this version of the group key may wrap it");
            }
            MemberKey target = find(handle, caller.family(), member).orElseThrow(() -> unknown(handle, caller, member));
            if (publicKey.isPresent() && !Arrays.equals(publicKey.get(), target.publicKey())) {
                throw new Problem(409, "publicKey: this member has another one by now; wrap the group key for that");
            }
            put(handle, member, new Wrapped(sealed, own.publicKey(), version));
        });
    }

    private static Problem unknown(Handle handle, Caller caller, MemberId member) {
        boolean inFamily = handle.createQuery("select 1 from member where id = :id and family_id = :family")
                .bind("id", member.value())
                .bind("family", caller.family().value())
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
        return inFamily
                ? new Problem(409, "This member has not registered a public key yet")
                : new Problem(404, "There is no such member in your family");
    }

    /** The caller's device has made the next group key. */
    private static void start(Handle handle, Caller caller, int version) {
        handle.createUpdate("update family set key_version = :version where id = :id")
                .bind("version", version)
                .bind("id", caller.family().value())
                .execute();
        handle.createUpdate("update member_key set key_version = :version, package = null, wrapped_by = null"
                        + " where member_id = :member")
                .bind("version", version)
                .bind("member", caller.member().value())
                .execute();
    }

    private static void put(Handle handle, MemberId member, Wrapped wrapped) {
        handle.createUpdate("update member_key set key_version = :version, package = :sealed, wrapped_by = :by"
                        + " where member_id = :member")
                .bind("version", wrapped.version())
                .bind("sealed", wrapped.sealed())
                .bind("by", wrapped.wrappedBy())
                .bind("member", member.value())
                .execute();
    }

    /** The keys of a family's members, in the order in which they joined, so that a device sees for whom to wrap. */
    Keys list(FamilyId family) {
        return store.jdbi()
                .inTransaction(handle -> new Keys(
                        lock(handle, family).version(),
                        handle.createQuery(SELECT + " where m.family_id = :family order by m.joined_at, m.id")
                                .bind("family", family.value())
                                .map((row, context) -> memberKey(row))
                                .list()));
    }

    private static final String SELECT = "select k.member_id, k.public_key, k.key_version, k.package, k.wrapped_by"
            + " from member_key k join member m on m.id = k.member_id";

    private static Optional<MemberKey> find(Handle handle, FamilyId family, MemberId member) {
        return handle.createQuery(SELECT + " where m.family_id = :family and m.id = :member")
                .bind("family", family.value())
                .bind("member", member.value())
                .map((row, context) -> memberKey(row))
                .findOne();
    }

    private static MemberKey memberKey(ResultSet row) throws SQLException {
        int version = row.getInt("key_version");
        byte[] sealed = row.getBytes("package");
        return new MemberKey(
                new MemberId(row.getLong("member_id")),
                row.getBytes("public_key"),
                version,
                sealed == null
                        ? Optional.empty()
                        : Optional.of(new Wrapped(sealed, row.getBytes("wrapped_by"), version)));
    }

    private static State lock(Handle handle, FamilyId family) {
        return handle.createQuery(
                        "select key_version, server_can_read, group_key from family where id = :id for update")
                .bind("id", family.value())
                .map((row, context) -> new State(
                        row.getInt("key_version"), row.getBoolean("server_can_read"), row.getBytes("group_key")))
                .one();
    }
}
