package org.draugar.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;

/** Who is told what, once: in a running server. */
@SharedServer
class AlertsIT {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String HOME =
            "{\"name\":\"Home\",\"latitude\":10,\"longitude\":20,\"radius\":100,\"icon\":\"home\"}";

    private final Server server;

    AlertsIT(Server server) {
        this.server = server;
    }

    private void share(Person person, double latitude, Instant at, double battery) {
        assertThat(server.post(
                                "/api/locations",
                                person,
                                Phone.update(latitude, 20)
                                        .add("accuracy", 5)
                                        .add("battery", battery)
                                        .add("timestamp", at.toString())
                                        .build()
                                        .toString())
                        .status())
                .isBetween(200, 201);
    }

    private void want(Person person, String alert) {
        Server.Answer answer = server.post("/api/alerts", person, alert);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
    }

    /** Such as {@code arrive: Anna has arrived: Home}, the oldest first. */
    private List<String> told(Person person) {
        return server.get("/api/notifications", person).json().getJsonArray("notifications").stream()
                .map(JsonValue::asJsonObject)
                .map(told -> told.getString("kind") + ": " + told.getString("title"))
                .sorted()
                .toList();
    }

    private void awaitTold(Person person, String... what) {
        Server.await(() -> told(person).toString(), SOON, () -> told(person).equals(List.of(what)));
    }

    @Test
    void whoWantsToKnowIsToldOfEachVisitOnce() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Person eve = server.join(anna, "Eve");
        String place = server.post("/api/places", anna, HOME).string("id");
        want(bjorn, "{\"about\":\"" + anna.id() + "\",\"kind\":\"arrive\",\"placeId\":\"" + place + "\"}");
        want(bjorn, "{\"about\":\"anyone\",\"kind\":\"arrive\"}");
        want(bjorn, "{\"about\":\"anyone\",\"kind\":\"leave\"}");
        want(eve, "{\"about\":\"" + bjorn.id() + "\",\"kind\":\"arrive\"}");
        assertThat(server.get("/api/alerts/about-me", anna).json().getJsonArray("alerts"))
                .hasSize(3);
        Instant now = Instant.now();
        share(anna, 10, now.minusSeconds(120), 1);
        share(anna, 10, now.minusSeconds(60), 1);
        share(anna, 10.01, now, 1);
        awaitTold(bjorn, "arrive: Anna has arrived: Home", "leave: Anna has left: Home");
        assertThat(told(eve)).isEmpty();
        assertThat(told(anna)).isEmpty();
    }

    @Test
    void nobodyIsToldOfWhatWasLongAgo() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post("/api/places", anna, HOME);
        want(bjorn, "{\"about\":\"anyone\",\"kind\":\"arrive\"}");
        want(bjorn, "{\"about\":\"anyone\",\"kind\":\"leave\"}");
        share(anna, 10, Instant.now().minusSeconds(16 * 60), 1);
        share(anna, 10.01, Instant.now(), 1);
        awaitTold(bjorn, "leave: Anna has left: Home");
    }

    @Test
    void onlyNextTimeIsOnce() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post("/api/places", anna, HOME);
        want(bjorn, "{\"about\":\"anyone\",\"kind\":\"arrive\",\"once\":true}");
        Instant now = Instant.now();
        share(anna, 10, now.minusSeconds(180), 1);
        awaitTold(bjorn, "arrive: Anna has arrived: Home");
        share(anna, 10.01, now.minusSeconds(120), 1);
        share(anna, 10, now.minusSeconds(60), 1);
        assertThat(server.get("/api/users/" + anna.id() + "/visits", anna)
                        .json()
                        .getJsonArray("visits"))
                .hasSize(2);
        assertThat(told(bjorn)).hasSize(1);
        assertThat(server.get("/api/alerts", bjorn).json().getJsonArray("alerts"))
                .as("sos alone")
                .hasSize(1);
    }

    @Test
    void aLowBatteryIsToldOnceUntilItWasCharged() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        want(bjorn, "{\"about\":\"" + anna.id() + "\",\"kind\":\"battery\"}");
        share(anna, 10, Instant.now(), 0.16);
        share(anna, 10, Instant.now(), 0.15);
        awaitTold(bjorn, "battery: Anna's battery is low");
        share(anna, 10, Instant.now(), 0.29);
        share(anna, 10, Instant.now(), 0.1);
        share(anna, 10, Instant.now(), 0.3);
        share(anna, 10, Instant.now(), 0.1);
        awaitTold(bjorn, "battery: Anna's battery is low", "battery: Anna's battery is low");
    }

    @Test
    void aCallForHelpReachesEverybodyAndEndsThePause() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.put("/api/pause", anna, "{\"hours\":1}");
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            String id = server.post("/api/sos", anna, "{\"message\":\"At the bridge\"}")
                    .string("id");
            JsonObject call = bjorns.hear("sos");
            assertThat(call.getString("id")).isEqualTo(id);
            assertThat(call.getString("message")).isEqualTo("At the bridge");
            assertThat(call.get("endedAt")).isEqualTo(JsonValue.NULL);
            assertThat(server.get("/api/pause", anna).json().getBoolean("paused"))
                    .isFalse();
            awaitTold(bjorn, "sos: Anna needs help");
            assertThat(server.post("/api/sos", anna, "").string("id"))
                    .as("while it goes on")
                    .isEqualTo(id);
            bjorns.hear("sos");
            server.post("/api/sos/" + id + "/acknowledge", bjorn, "");
            assertThat(bjorns.hear("sos").getJsonArray("acknowledgedBy").getString(0))
                    .isEqualTo(bjorn.id());
            server.delete("/api/sos/" + id, anna);
            assertThat(bjorns.hear("sos").get("endedAt")).isNotEqualTo(JsonValue.NULL);
        }
        assertThat(told(bjorn)).hasSize(1);
    }

    @Test
    void aTrackersAlarmIsACallAlsoInAPause() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Tracker tracker = Tracker.add(server, anna, "traccar");
        server.put("/api/pause", anna, "{\"hours\":1}");
        tracker.alarm("sos");
        awaitTold(bjorn, "sos: Anna needs help");
        assertThat(server.get("/api/sos", bjorn).json().getJsonArray("sos")).hasSize(1);
    }

    @Test
    void anAlarmWithAPlaceTellsThePlaceOfWhoIsPaused() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.put("/api/pause", anna, "{\"hours\":1}");
        server.post(
                "/api/locations",
                anna,
                Phone.update(10, 20).add("alarm", "sos").build().toString());
        awaitTold(bjorn, "sos: Anna needs help");
        assertThat(server.history(anna, "")).hasSize(1);
    }

    @Test
    void whoDoesNotWantItHasToSaySoTwice() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Person eve = server.join(anna, "Eve");
        assertThat(server.delete("/api/alerts/sos", bjorn).status()).isEqualTo(409);
        assertThat(server.delete("/api/alerts/sos?confirm=true", bjorn).status())
                .isEqualTo(204);
        server.post("/api/sos", anna, "");
        awaitTold(eve, "sos: Anna needs help");
        assertThat(told(bjorn)).isEmpty();
    }

    @Test
    void whoIsNotBackIsMissed() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        String place = server.post("/api/places", anna, HOME).string("id");
        server.post("/api/check-ins", anna, "{\"by\":\"" + Instant.now().plusSeconds(2) + "\"}");
        String by = "{\"by\":\"" + Instant.now().plusSeconds(2) + "\",\"placeId\":\"" + place + "\"}";
        server.post("/api/check-ins", anna, by);
        share(anna, 10, Instant.now(), 1);
        awaitTold(bjorn, "check-in: Anna is not back");
    }

    @Test
    void whoAsksWhereSomebodyIsAsksThemAndTheirApp() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        try (Phone annas = Phone.connect(server, anna)) {
            assertThat(server.post("/api/users/" + anna.id() + "/locate", bjorn, "")
                            .status())
                    .isEqualTo(202);
            assertThat(annas.hear("locate:request").getString("name")).isEqualTo("Björn");
        }
        awaitTold(anna, "locate: Björn asks where you are");
        Server.Answer again = server.post("/api/users/" + anna.id() + "/locate", bjorn, "");
        assertThat(again.status()).isEqualTo(429);
        assertThat(again.response().headers().firstValue("Retry-After")).isPresent();
    }
}
