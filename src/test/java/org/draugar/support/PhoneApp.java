package org.draugar.support;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Phones with the unmodified {@code socket.io-client}, run by Node. Each is called by a name. */
public final class PhoneApp implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 15;

    private final Process process;
    private final BufferedWriter orders;
    private final Map<String, BlockingQueue<JsonObject>> heard = new ConcurrentHashMap<>();

    private PhoneApp(Process process) {
        this.process = process;
        this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        Thread reader = new Thread(() -> {
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                output.lines().forEach(line -> {
                    JsonObject said = json(line);
                    heard(said.getString("who")).add(said);
                });
            } catch (IOException | UncheckedIOException e) {
                // The process has ended.
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    public static PhoneApp start() {
        return new PhoneApp(Node.install("socketio", "phone.mjs").start("node", "phone.mjs"));
    }

    /** The options that the phone app uses. */
    public static JsonObjectBuilder options(Person person) {
        JsonObjectBuilder options = Json.createObjectBuilder()
                .add("transports", Json.createArrayBuilder().add("websocket").add("polling"))
                .add("reconnection", true)
                .add("reconnectionDelay", 20)
                .add("reconnectionDelayMax", 100);
        return person == null
                ? options
                : options.add("auth", Json.createObjectBuilder().add("token", person.token()));
    }

    public PhoneApp connect(String who, Server server, JsonObjectBuilder options) {
        return order(Json.createObjectBuilder()
                .add("who", who)
                .add("to", "connect")
                .add("url", server.uri("/").toString())
                .add("options", options));
    }

    public PhoneApp emit(String who, String event, JsonValue... arguments) {
        return order(order(who, "emit", event, arguments));
    }

    /** Emits and asks for an acknowledgement, which is heard as {@code answer}. */
    public PhoneApp ask(String who, String event, JsonValue... arguments) {
        return order(order(who, "emit", event, arguments).add("ack", true));
    }

    /** Makes a phone's key pair. @return its public key */
    public String makeKeyPair(String who) {
        return string(crypt(who, "keyPair"));
    }

    /** Makes a group key, which stays on the phone. */
    public void makeGroupKey(String who) {
        crypt(who, "groupKey");
    }

    /** Wraps a phone's group key for another's public key. */
    public String wrap(String who, String publicKey) {
        return string(crypt(who, "wrap", Json.createValue(publicKey)));
    }

    /** Takes the group key out of a package. @return whether it was for this phone */
    public boolean unwrap(String who, JsonObject groupKey) {
        return crypt(who, "unwrap", groupKey.get("package"), groupKey.get("adminPublicKey")) == JsonValue.TRUE;
    }

    public JsonObject encrypt(String who, JsonObject position) {
        return crypt(who, "encrypt", position).asJsonObject();
    }

    /** @return null where the phone's group key is another one */
    public JsonValue decrypt(String who, JsonObject payload) {
        return crypt(who, "decrypt", payload);
    }

    public PhoneApp disconnect(String who) {
        return order(Json.createObjectBuilder().add("who", who).add("to", "disconnect"));
    }

    /** The next event of a name; others before it are passed over. */
    public JsonObject hear(String who, String event) {
        List<JsonObject> passedOver = new ArrayList<>();
        while (true) {
            JsonObject next = next(who, event, passedOver);
            if (next.getString("event").equals(event)) {
                return next;
            }
            passedOver.add(next);
        }
    }

    /** The first argument of the next event of a name. */
    public JsonObject hearObject(String who, String event) {
        JsonArray arguments = hear(who, event).getJsonArray("args");
        return arguments.getJsonObject(0);
    }

    /** The next event of any name. */
    public JsonObject hear(String who) {
        return next(who, "something", List.of());
    }

    private JsonObject next(String who, String awaited, List<JsonObject> passedOver) {
        try {
            JsonObject next = heard(who).poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError(
                        "Waited in vain for " + who + " to hear " + awaited + "; heard instead: " + passedOver);
            }
            return next;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** What a phone does with keys, apart from what it hears from the server. */
    private JsonValue crypt(String who, String what, JsonValue... arguments) {
        String keys = who + "'s keys";
        order(order(keys, "crypt", what, arguments));
        return hear(keys).get("result");
    }

    private static String string(JsonValue value) {
        return ((JsonString) value).getString();
    }

    private BlockingQueue<JsonObject> heard(String who) {
        return heard.computeIfAbsent(who, w -> new LinkedBlockingQueue<>());
    }

    private static JsonObjectBuilder order(String who, String to, String event, JsonValue... arguments) {
        var array = Json.createArrayBuilder();
        for (JsonValue argument : arguments) {
            array.add(argument);
        }
        return Json.createObjectBuilder()
                .add("who", who)
                .add("to", to)
                .add("event", event)
                .add("args", array);
    }

    private synchronized PhoneApp order(JsonObjectBuilder order) {
        try {
            orders.write(order.build().toString());
            orders.newLine();
            orders.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject json(String text) {
        return Json.createReader(new StringReader(text)).readObject();
    }
}
