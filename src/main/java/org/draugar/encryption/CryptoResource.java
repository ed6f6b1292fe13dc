package org.draugar.encryption;

import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.draugar.family.Caller;
import org.draugar.family.MemberId;
import org.draugar.http.Body;
import org.draugar.http.Problem;

/** Public keys and wrapped group keys, in libsodium's base64: URL-safe, without padding. */
@Path("crypto")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class CryptoResource {
    @Inject
    private GroupKeys keys;

    /** {@code {"publicKey"}}: an X25519 key of 32 bytes. */
    public record KeyRequest(String publicKey) {}

    /** {@code {"package","adminPublicKey","keyVersion"}}. */
    public record GroupKeyView(@JsonbProperty("package") String sealed, String adminPublicKey, int keyVersion) {
        static GroupKeyView of(Wrapped wrapped) {
            return new GroupKeyView(text(wrapped.sealed()), text(wrapped.wrappedBy()), wrapped.version());
        }
    }

    /** {@code {"package","keyVersion","publicKey"}}; the last may be left out. */
    public record WrapRequest(@JsonbProperty("package") String sealed, Integer keyVersion, String publicKey) {}

    /** {@code {"userId","publicKey","keyVersion"}}. */
    public record MemberKeyView(String userId, String publicKey, int keyVersion) {}

    /** {@code {"keyVersion","keys"}}. */
    public record KeysView(int keyVersion, List<MemberKeyView> keys) {}

    /** Stores the caller's public key: 200 with the group key as it is wrapped for it, 404 while it is not. */
    @POST
    @Path("register-key")
    public GroupKeyView register(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        byte[] key = publicKey(Body.read(body, KeyRequest.class).publicKey());
        if (!Wrapped.isPossibleFor(key)) {
            throw new Problem(400, "publicKey: nothing can be wrapped for this one; make another key pair");
        }
        keys.register(caller, key);
        return GroupKeyView.of(keys.get(caller));
    }

    /** The group key as it is wrapped for the caller: 200, or 404 with what is missing. */
    @GET
    @Path("group-key")
    public GroupKeyView groupKey(@Context SecurityContext security) {
        return GroupKeyView.of(keys.get(Caller.of(security)));
    }

    /**
     * Stores the group key as the caller's device wrapped it for a member: 204. With the next version, by an admin, a
     * new group key starts. 403, 404 and 409 say why not.
     */
    @PUT
    @Path("group-key/{userId}")
    public void put(@PathParam("userId") String userId, InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        MemberId member =
                MemberId.parse(userId).orElseThrow(() -> new Problem(404, "There is no such member in your family"));
        WrapRequest wanted = Body.read(body, WrapRequest.class);
        byte[] sealed = bytes("package", Wrapped.BYTES, wanted.sealed());
        if (wanted.keyVersion() == null || wanted.keyVersion() < 1) {
            throw new Problem(400, "keyVersion: expected a whole number from 1");
        }
        keys.put(
                caller,
                member,
                sealed,
                wanted.keyVersion(),
                Optional.ofNullable(wanted.publicKey()).map(CryptoResource::publicKey));
    }

    /** The public keys of the family, and which version of the group key each member has. */
    @GET
    @Path("keys")
    public KeysView keys(@Context SecurityContext security) {
        GroupKeys.Keys all = keys.list(Caller.of(security).family());
        return new KeysView(
                all.version(),
                all.members().stream()
                        .map(key -> new MemberKeyView(key.member().toString(), text(key.publicKey()), key.version()))
                        .toList());
    }

    private static byte[] publicKey(String text) {
        return bytes("publicKey", Wrapped.KEY_BYTES, text);
    }

    private static byte[] bytes(String name, int count, String text) {
        if (text == null || !text.matches("[A-Za-z0-9_-]{" + (count * 4 + 2) / 3 + "}")) {
            throw new Problem(400, name + ": expected " + count + " bytes in base64, URL-safe and without padding");
        }
        return Base64.getUrlDecoder().decode(text);
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
