package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Instant;
import org.draugar.support.Person;
import org.draugar.support.PhoneApp;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Positions that only the family's devices can read: keys are made, wrapped and unwrapped by phones run by Node. */
@SharedServer
class EncryptionIT {
    private static final String REGISTERED = "Your public key is registered; what is missing is the group key";

    private final PhoneApp app = PhoneApp.start();
    private final Server server;
    private Person anna;
    private Person bjorn;

    EncryptionIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    @AfterEach
    void close() {
        app.close();
    }

    /** What the app does when it starts: a key pair of its own, and the group key if it is there. */
    private Answer register(Person person) {
        return register(person, app.makeKeyPair(person.name()));
    }

    private Answer register(Person person, String publicKey) {
        return server.post(
                "/api/crypto/register-key",
                person,
                Json.createObjectBuilder().add("publicKey", publicKey).build().toString());
    }

    private Answer groupKey(Person person) {
        return server.get("/api/crypto/group-key", person);
    }

    private JsonObject keys(Person person) {
        return server.get("/api/crypto/keys", person).json();
    }

    private String publicKey(Person asking, Person whose) {
        return keys(asking).getJsonArray("keys").getValuesAs(JsonObject.class).stream()
                .filter(key -> key.getString("userId").equals(whose.id()))
                .findFirst()
                .orElseThrow()
                .getString("publicKey");
    }

    /** One device wraps the group key for whoever does not have this version. */
    private void wrapForAll(Person wrapper, int version) {
        for (JsonObject key : keys(wrapper).getJsonArray("keys").getValuesAs(JsonObject.class)) {
            if (key.getInt("keyVersion") < version) {
                String publicKey = key.getString("publicKey");
                Answer answer =
                        put(wrapper, key.getString("userId"), app.wrap(wrapper.name(), publicKey), version, publicKey);
                assertThat(answer.status()).as(answer.response().body()).isEqualTo(204);
            }
        }
    }

    private Answer put(Person wrapper, String member, String sealed, int version, String publicKey) {
        return server.put(
                "/api/crypto/group-key/" + member,
                wrapper,
                Json.createObjectBuilder()
                        .add("package", sealed)
                        .add("keyVersion", version)
                        .add("publicKey", publicKey)
                        .build()
                        .toString());
    }

    private void connect(Person person) {
        app.connect(person.name(), server, PhoneApp.options(person)).hear(person.name(), "connect");
        app.ask(person.name(), "location:subscribe").hear(person.name(), "answer");
    }

    /** Sends a position that only phones with the group key can read; gives what reached the other. */
    private JsonObject share(Person from, JsonObject position, Person to) {
        app.ask(from.name(), "location:update", app.encrypt(from.name(), position));
        assertThat(app.hearObject(from.name(), "answer").getBoolean("ok")).isTrue();
        JsonObject heard = app.hearObject(to.name(), "location:broadcast");
        assertThat(heard.getString("senderId")).isEqualTo(from.id());
        return heard.getJsonObject("payload");
    }

    private static JsonObject position(double latitude) {
        return Json.createObjectBuilder()
                .add("latitude", latitude)
                .add("longitude", -21.9426)
                .add("accuracy", 12.5)
                .add("timestamp", Instant.now().toString())
                .build();
    }

    private static void assertMissing(Answer answer, String message) {
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.response().body())
                .isEqualTo("{\"error\":true,\"message\":\"" + message + "\",\"statusCode\":404}");
    }

    @Test
    void oneDeviceWrapsTheKeyAndAnotherUnwrapsIt() {
        assertMissing(groupKey(anna), "Register your public key first, with POST /api/crypto/register-key");
        assertMissing(register(anna), REGISTERED + ": an admin's device makes it");
        assertMissing(register(bjorn), REGISTERED + ": an admin's device makes it");

        app.makeGroupKey("Anna");
        put(anna, bjorn.id(), app.wrap("Anna", publicKey(anna, bjorn)), 1, publicKey(anna, bjorn));
        assertMissing(
                groupKey(anna),
                "Your device made the group key; what is missing is a package that it wraps for itself");

        Answer wrapped = groupKey(bjorn);
        assertThat(wrapped.status()).isEqualTo(200);
        assertThat(wrapped.json().keySet()).containsExactlyInAnyOrder("package", "adminPublicKey", "keyVersion");
        assertThat(wrapped.string("adminPublicKey")).isEqualTo(publicKey(bjorn, anna));
        assertThat(wrapped.json().getInt("keyVersion")).isEqualTo(1);
        assertThat(app.unwrap("Björn", wrapped.json())).isTrue();
        assertThat(register(bjorn, publicKey(bjorn, bjorn)).json())
                .as("the same key again changes nothing")
                .isEqualTo(wrapped.json());

        connect(anna);
        connect(bjorn);
        JsonObject here = position(64.1466);
        assertThat(app.decrypt("Björn", share(anna, here, bjorn))).isEqualTo(here);
        JsonObject there = position(64.2);
        assertThat(app.decrypt("Anna", share(bjorn, there, anna))).isEqualTo(there);
    }

    @Test
    void whoHasTheKeyWrapsItForThoseWhoComeLater() {
        startKey(1);
        Person carla = server.join(anna, "Carla");
        assertMissing(register(carla), REGISTERED + " wrapped for it, by a device of your family that has version 1");
        Answer refused = put(carla, carla.id(), "a".repeat(96), 1, publicKey(carla, carla));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.string("message"))
                .isEqualTo("Only a device that has this version of the group key may wrap it");

        wrapForAll(bjorn, 1);
        assertThat(app.unwrap("Carla", groupKey(carla).json())).isTrue();
        assertThat(groupKey(carla).string("adminPublicKey")).isEqualTo(publicKey(carla, bjorn));
    }

    /** Anna's device makes a group key, and everybody who has registered gets it. */
    private void startKey(int version) {
        if (version == 1) {
            register(anna);
            register(bjorn);
        }
        app.makeGroupKey("Anna");
        put(anna, anna.id(), app.wrap("Anna", publicKey(anna, anna)), version, publicKey(anna, anna));
        wrapForAll(anna, version);
        assertThat(app.unwrap("Björn", groupKey(bjorn).json())).isTrue();
    }

    @Test
    void theNextKeyShutsOutWhoWasRemoved() {
        startKey(1);
        Person carla = server.join(anna, "Carla");
        register(carla);
        wrapForAll(anna, 1);
        assertThat(app.unwrap("Carla", groupKey(carla).json())).isTrue();

        assertThat(server.delete("/api/users/" + carla.id(), anna).status()).isEqualTo(204);
        assertThat(keys(anna).toString()).doesNotContain(carla.id());
        startKey(2);
        assertThat(groupKey(bjorn).json().getInt("keyVersion")).isEqualTo(2);

        connect(anna);
        connect(bjorn);
        JsonObject here = position(64.1466);
        JsonObject payload = share(anna, here, bjorn);
        assertThat(app.decrypt("Björn", payload)).isEqualTo(here);
        assertThat(app.decrypt("Carla", payload)).isEqualTo(JsonValue.NULL);
    }

    @Test
    void duringAChangeNobodyIsGivenTheOldKey() {
        startKey(1);
        put(anna, anna.id(), app.wrap("Anna", publicKey(anna, anna)), 2, publicKey(anna, anna));
        assertMissing(groupKey(bjorn), REGISTERED + " wrapped for it, by a device of your family that has version 2");
        assertThat(put(bjorn, bjorn.id(), "a".repeat(96), 1, publicKey(bjorn, bjorn))
                        .string("message"))
                .isEqualTo("keyVersion: expected 2, or 3 to start the next one");
        wrapForAll(anna, 2);
        assertThat(groupKey(bjorn).json().getInt("keyVersion")).isEqualTo(2);
    }

    @Test
    void aNewPhoneNeedsTheKeyWrappedAnew() {
        startKey(1);
        String before = publicKey(anna, bjorn);
        assertMissing(register(bjorn), REGISTERED + " wrapped for it, by a device of your family that has version 1");
        assertThat(put(anna, bjorn.id(), app.wrap("Anna", before), 1, before).string("message"))
                .isEqualTo("publicKey: this member has another one by now; wrap the group key for that");
        wrapForAll(anna, 1);
        assertThat(app.unwrap("Björn", groupKey(bjorn).json())).isTrue();
    }

    @Test
    void onlyAnAdminStartsAKey() {
        register(anna);
        register(bjorn);
        assertThat(put(bjorn, bjorn.id(), "a".repeat(96), 1, publicKey(bjorn, bjorn))
                        .status())
                .isEqualTo(403);
        Person stranger = server.startFamily("Eve");
        register(stranger);
        Answer refused = put(stranger, bjorn.id(), "a".repeat(96), 1, publicKey(bjorn, bjorn));
        assertThat(refused.status()).isEqualTo(404);
        assertThat(keys(anna).getInt("keyVersion")).isZero();
    }

    @Test
    void theServerMakesTheKeysOfAFamilyThatLetsIt() {
        assertThat(server.get("/api/family", bjorn).json().getBoolean("serverCanRead"))
                .isFalse();
        assertThat(server.patch("/api/family", bjorn, "{\"serverCanRead\":true}")
                        .status())
                .isEqualTo(403);
        assertThat(server.patch("/api/family", anna, "{\"serverCanRead\":true}")
                        .json()
                        .getBoolean("serverCanRead"))
                .isTrue();

        assertThat(app.unwrap("Anna", register(anna).json())).isTrue();
        assertThat(app.unwrap("Björn", register(bjorn).json())).isTrue();
        assertThat(groupKey(bjorn).json()).isEqualTo(groupKey(bjorn).json());
        connect(anna);
        connect(bjorn);
        JsonObject here = position(64.1466);
        assertThat(app.decrypt("Björn", share(anna, here, bjorn))).isEqualTo(here);
        assertThat(put(anna, bjorn.id(), "a".repeat(96), 1, publicKey(anna, bjorn))
                        .string("message"))
                .isEqualTo("The server makes your family's group keys: an admin can change that");

        server.patch("/api/family", anna, "{\"serverCanRead\":false}");
        String missing = REGISTERED + " wrapped for it, by a device of your family that has version 2";
        assertMissing(groupKey(anna), missing);
        assertMissing(groupKey(bjorn), missing);
        startKey(3);
        JsonObject payload = share(anna, here, bjorn);
        assertThat(app.decrypt("Björn", payload)).isEqualTo(here);
    }
}
