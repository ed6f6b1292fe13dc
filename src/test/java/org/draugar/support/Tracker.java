package org.draugar.support;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.draugar.support.Server.Answer;

/** A tracker app on somebody's phone, set up as its owner was told. */
public record Tracker(Server server, Person owner, String id, String secret, JsonObject setUp) {

    /** Adds one and reads what the app must be told. */
    public static Tracker add(Server server, Person owner, String app) {
        return add(server, owner, app, false);
    }

    public static Tracker add(Server server, Person owner, String app, boolean shownToFamily) {
        Answer answer = server.post(
                "/api/trackers",
                owner,
                Json.createObjectBuilder()
                        .add("app", app)
                        .add("name", "The " + app)
                        .add("shownToFamily", shownToFamily)
                        .build()
                        .toString());
        if (answer.status() != 201) {
            throw new IllegalStateException(
                    answer.status() + " " + answer.response().body());
        }
        JsonObject setUp = answer.json().getJsonObject("setUp");
        String url = setUp.getString("url");
        String secret = setUp.containsKey("password")
                ? setUp.getString("password")
                : setUp.getString("qr").replaceFirst(".*[?&]id=([^&]+).*", "$1");
        return new Tracker(server, owner, answer.json().getJsonObject("tracker").getString("id"), secret, setUp);
    }

    /** Lets the family show up inside the app. */
    public Tracker withFamily() {
        Answer answer = server.patch("/api/trackers/" + id, owner, "{\"familyInApp\":true}");
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.response().body());
        }
        return this;
    }

    /** Sends a body. */
    public Answer post(String path, String contentType, String body) {
        return server.send(request(path, secret)
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8)));
    }

    /** Sends JSON. */
    public Answer post(String path, String body) {
        return post(path, "application/json", body);
    }

    /** Sends a query. */
    public Answer get(String path, String query) {
        return server.send(request(path + "?" + query, secret).GET());
    }

    /** Raises an alarm and says no place: of Traccar Client. */
    public Answer alarm(String about) {
        return get("/osmand", "id=" + secret + "&alarm=" + about);
    }

    /** A request with the credential in the way of the path's app. */
    public HttpRequest.Builder request(String path, String password) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path)).header("X-Forwarded-For", home());
        if (path.startsWith("/overland")) {
            request.header("Authorization", "Bearer " + password);
        } else if (!path.startsWith("/osmand")) {
            String pair = id + ":" + password;
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return request;
    }

    /** Each phone has an address of its own: wrong secrets of one shut out none of another test. */
    private String home() {
        int hash = id.hashCode();
        return "198.18." + (hash >>> 8 & 0xff) + "." + (hash & 0xff);
    }

    /** How it does, as somebody of the family sees it; null when they do not. */
    public JsonObject seenBy(Person person) {
        return server
                .get("/api/trackers", person)
                .json()
                .getJsonArray("trackers")
                .getValuesAs(JsonObject.class)
                .stream()
                .filter(tracker -> tracker.getString("id").equals(id))
                .findFirst()
                .orElse(null);
    }

    /** What is kept of its owner, the oldest first. */
    public java.util.List<JsonObject> kept() {
        return server.get("/api/users/" + owner.id() + "/locations?order=asc&limit=5000", owner)
                .json()
                .getJsonArray("locations")
                .getValuesAs(JsonObject.class);
    }
}
