package org.draugar.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class WebPushTest {

    /** RFC 8291, appendix A. */
    @Test
    void encryptsAsTheStandardsOwnExample() throws Exception {
        byte[] encrypted = WebPush.encrypt(
                "When I grow up, I want to be a watermelon".getBytes(StandardCharsets.US_ASCII),
                P256.publicKey(bytes(
                        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")),
                bytes("BTBZMqHH6r4Tts7J_aSIgg"),
                new KeyPair(
                        P256.publicKey(
                                bytes(
                                        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")),
                        P256.privateKey(bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))),
                bytes("DGv6ra1nlYgDCS1FRnbzlw"));
        assertThat(WebPush.base64(encrypted))
                .isEqualTo("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
                        + "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
                        + "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
    }

    @Test
    void theLongestMessageIsOneRecord() {
        KeyPair receiver = P256.generate();
        ECPublicKey key = (ECPublicKey) receiver.getPublic();
        assertThat(WebPush.encrypt(new byte[WebPush.MAX_BYTES], key, new byte[16]))
                .hasSize(4096);
        assertThatThrownBy(() -> WebPush.encrypt(new byte[WebPush.MAX_BYTES + 1], key, new byte[16]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPublicKeyIsAPointOfTheCurve() {
        byte[] key = P256.bytes((ECPublicKey) P256.generate().getPublic());
        key[64] ^= 1;
        assertThatThrownBy(() -> P256.publicKey(key)).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> P256.publicKey(new byte[65])).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> P256.publicKey(new byte[0])).isInstanceOf(InvalidKeyException.class);
    }

    /** RFC 8292, 2 and 3. */
    @Test
    void aPushServiceKnowsTheServer() throws Exception {
        KeyPair server = P256.generate();
        ECPublicKey key = (ECPublicKey) server.getPublic();
        Instant now = Instant.parse("2026-11-30T12:00:00Z");
        String value = WebPush.authorization(
                "https://push.example", "mailto:a@b.example", now, key, (ECPrivateKey) server.getPrivate());

        assertThat(value).matches("vapid t=[A-Za-z0-9_.-]+, k=[A-Za-z0-9_-]{87}");
        String[] parts = value.substring("vapid t=".length()).split("[.,]");
        assertThat(json(parts[0])).hasToString("{\"typ\":\"JWT\",\"alg\":\"ES256\"}");
        assertThat(json(parts[1]))
                .isEqualTo(Json.createObjectBuilder()
                        .add("aud", "https://push.example")
                        .add("exp", now.plusSeconds(12 * 3600).getEpochSecond())
                        .add("sub", "mailto:a@b.example")
                        .build());
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(P256.publicKey(bytes(value.substring(value.indexOf("k=") + 2))));
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(bytes(parts[2]))).isTrue();
    }

    private static JsonObject json(String base64) {
        return Json.createReader(new StringReader(new String(bytes(base64), StandardCharsets.UTF_8)))
                .readObject();
    }

    private static byte[] bytes(String base64) {
        return Base64.getUrlDecoder().decode(base64);
    }
}
