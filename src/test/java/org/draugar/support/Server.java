package org.draugar.support;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** A running Draugar, as its clients see it. */
public final class Server {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI base;

    /**
     * The server that Arquillian started, always by its loopback address: it is the one of the proxies that the
     * server believes, so that tests can come from many addresses.
     */
    public Server(URL url) {
        this.base = URI.create("http://127.0.0.1:" + url.getPort() + "/");
    }

    /** The same server by another port. */
    public Server through(int port) {
        return new Server(URI.create("http://127.0.0.1:" + port + "/"));
    }

    private Server(URI base) {
        this.base = base;
    }

    public String host() {
        return base.getHost();
    }

    public int port() {
        return base.getPort();
    }

    /** The WAR that people run, as the build made it. */
    public static WebArchive war() {
        return ShrinkWrap.createFromZipFile(WebArchive.class, new File("target/draugar.war"));
    }

    /** An answer; {@code json} is empty where the body is no object. */
    public record Answer(int status, JsonObject json, HttpResponse<String> response) {
        public String string(String name) {
            return json.getString(name);
        }
    }

    public URI uri(String path) {
        return base.resolve(path);
    }

    public URI ws() {
        return URI.create("ws://" + host() + ":" + port() + "/ws");
    }

    public Answer get(String path, Person person) {
        return send(request(path, person).GET());
    }

    public Answer delete(String path, Person person) {
        return send(request(path, person).DELETE());
    }

    public Answer post(String path, Person person, String body) {
        return send(request(path, person).POST(BodyPublishers.ofString(body)));
    }

    public Answer put(String path, Person person, String body) {
        return send(request(path, person).PUT(BodyPublishers.ofString(body)));
    }

    public Answer patch(String path, Person person, String body) {
        return send(request(path, person).method("PATCH", BodyPublishers.ofString(body)));
    }

    public HttpRequest.Builder request(String path, Person person) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json");
        return person == null ? request : request.header("Authorization", "Bearer " + person.token());
    }

    public Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
            String body = response.body();
            JsonObject json = body.startsWith("{")
                    ? Json.createReader(new StringReader(body)).readObject()
                    : JsonObject.EMPTY_JSON_OBJECT;
            return new Answer(response.statusCode(), json, response);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts a family, where sign-up is open. */
    public Person startFamily(String name) {
        return person(post(
                "/api/families",
                null,
                object().add("family", "Family of " + name)
                        .add("name", name)
                        .build()
                        .toString()));
    }

    /** Lets somebody join the family of an admin. */
    public Person join(Person admin, String name) {
        return join(invite(admin), name);
    }

    public Person join(String code, String name) {
        return person(post(
                "/api/auth/join",
                null,
                object().add("code", code).add("name", name).build().toString()));
    }

    public String invite(Person admin) {
        return post("/api/invites", admin, "{}").string("code");
    }

    /** Shares positions somewhere, one a second. @param last when the last one was measured */
    public void store(Person person, int count, Instant last) {
        for (int from = 0; from < count; from += 500) {
            JsonArrayBuilder some = Json.createArrayBuilder();
            for (int i = from; i < Math.min(count, from + 500); i++) {
                some.add(Phone.update(Math.random() * 90, Math.random() * 90)
                        .add("timestamp", last.minusSeconds(count - i).toString()));
            }
            Answer answer = post("/api/locations", person, some.build().toString());
            if (answer.status() != 200) {
                throw new AssertionError(answer.response().body());
            }
        }
    }

    /** Where somebody has been. @param query such as {@code ?limit=5000}, or empty */
    public List<JsonObject> history(Person person, String query) {
        return get("/api/users/" + person.id() + "/locations" + query, person)
                .json()
                .getJsonArray("locations")
                .getValuesAs(JsonObject.class);
    }

    public int connections() {
        return get("/api/ws-status", null).json().getInt("connections");
    }

    private static Person person(Answer answer) {
        if (answer.status() != 201) {
            throw new IllegalStateException(
                    answer.status() + " " + answer.response().body());
        }
        JsonObject user = answer.json().getJsonObject("user");
        return new Person(answer.string("token"), user.getString("id"), user.getString("name"));
    }

    /** Waits for something that only becomes visible by looking. */
    public static void await(String what, Duration most, BooleanSupplier condition) {
        await(() -> what, most, condition);
    }

    /** As above. @param what asked only when it was in vain, and may say how far things have come */
    public static void await(Supplier<String> what, Duration most, BooleanSupplier condition) {
        await(what, most, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
    }

    /** Waits until a look gives something. */
    public static <T> T await(String what, Duration most, Supplier<T> look) {
        return await(() -> what, most, look);
    }

    private static <T> T await(Supplier<String> what, Duration most, Supplier<T> look) {
        long deadline = System.nanoTime() + most.toNanos();
        while (true) {
            T found = look.get();
            if (found != null) {
                return found;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("Waited " + most.toSeconds() + " s in vain for: " + what.get());
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    private static JsonObjectBuilder object() {
        return Json.createObjectBuilder();
    }
}
