package org.draugar.places;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;

/** Places, who is where, and who was: in a running server. */
@SharedServer
class PlacesIT {
    private static final int DAYS = Extent.of("PlacesIT: days", 5, 300);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String HOME =
            "{\"name\":\"Home\",\"latitude\":10,\"longitude\":20,\"radius\":100,\"icon\":\"home\"}";

    private final Server server;

    PlacesIT(Server server) {
        this.server = server;
    }

    private String share(Person person, double latitude, Instant at) {
        return server.post(
                        "/api/locations",
                        person,
                        Phone.update(latitude, 20)
                                .add("accuracy", 5)
                                .add("timestamp", at.toString())
                                .build()
                                .toString())
                .response()
                .body();
    }

    private List<String> visits(Person person) {
        return server.get("/api/users/" + person.id() + "/visits", person).json().getJsonArray("visits").stream()
                .map(JsonValue::asJsonObject)
                .map(visit -> visit.getString("name") + " " + visit.getString("arrivedAt") + " "
                        + (visit.isNull("leftAt") ? "still" : visit.getString("leftAt")))
                .toList();
    }

    private JsonValue placeOf(Person person) {
        return server.get("/api/users", person).json().getJsonArray("users").stream()
                .map(JsonValue::asJsonObject)
                .filter(user -> user.getString("id").equals(person.id()))
                .findFirst()
                .orElseThrow()
                .get("place");
    }

    @Test
    void theFamilyHearsWhoArrivesAndLeaves() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String place = server.post("/api/places", anna, HOME).string("id");
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            share(anna, 10, now.minusSeconds(60));
            assertThat(bjorns.hear("user:place"))
                    .isEqualTo(Json.createObjectBuilder()
                            .add("type", "user:place")
                            .add("userId", anna.id())
                            .add(
                                    "place",
                                    Json.createObjectBuilder()
                                            .add("id", place)
                                            .add("name", "Home")
                                            .add("since", now.minusSeconds(60).toString()))
                            .build());
            assertThat(placeOf(anna).asJsonObject().getString("id")).isEqualTo(place);
            share(anna, 10.01, now);
            assertThat(bjorns.hear("user:place").get("place")).isEqualTo(JsonValue.NULL);
        }
        assertThat(placeOf(anna)).isEqualTo(JsonValue.NULL);
        assertThat(visits(anna)).containsExactly("Home " + now.minusSeconds(60) + " " + now);
    }

    @Test
    void whoIsProbablyThereHasArrivedWhenNothingElseComes() {
        Person anna = server.startFamily("Anna");
        server.post("/api/places", anna, HOME);
        Phone annas = Phone.connect(server, anna);
        Instant then = Instant.now().truncatedTo(ChronoUnit.MILLIS).minusSeconds(119);
        server.post(
                "/api/locations",
                anna,
                Phone.update(10.0008, 20)
                        .add("accuracy", 60)
                        .add("timestamp", then.toString())
                        .build()
                        .toString());
        try (annas) {
            assertThat(annas.hear("user:place").getJsonObject("place").getString("since"))
                    .isEqualTo(then.toString());
        }
    }

    @Test
    void whatComesLateChangesVisitsInBetweenAndNotThePresent() {
        Person anna = server.startFamily("Anna");
        server.post("/api/places", anna, HOME);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        share(anna, 10, now.minusSeconds(7200));
        share(anna, 10, now);
        assertThat(visits(anna)).containsExactly("Home " + now.minusSeconds(7200) + " still");
        share(anna, 10.1, now.minusSeconds(3600));
        assertThat(visits(anna))
                .containsExactly(
                        "Home " + now.minusSeconds(7200) + " " + now.minusSeconds(3600), "Home " + now + " still");
        share(anna, 10, now.minusSeconds(2000));
        assertThat(visits(anna))
                .containsExactly(
                        "Home " + now.minusSeconds(7200) + " " + now.minusSeconds(3600),
                        "Home " + now.minusSeconds(2000) + " still");
    }

    @Test
    void whoIsThereAlreadyHasArrivedWhenAPlaceIsMade() {
        Person anna = server.startFamily("Anna");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        share(anna, 10, now.minusSeconds(600));
        share(anna, 10, now);
        String place = server.post("/api/places", anna, HOME).string("id");
        assertThat(visits(anna)).containsExactly("Home " + now.minusSeconds(600) + " still");
        server.delete("/api/places/" + place, anna);
        assertThat(visits(anna)).isEmpty();
        assertThat(placeOf(anna)).isEqualTo(JsonValue.NULL);
    }

    @Test
    void aPauseEndsAVisitAndTellsNothing() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        server.post("/api/places", anna, HOME);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        share(anna, 10, now.minusSeconds(60));
        assertThat(placeOf(anna)).isNotEqualTo(JsonValue.NULL);
        try (Phone bjorns = Phone.connect(server, bjorn)) {
            server.put("/api/pause", anna, "{\"hours\":1}");
            assertThat(placeOf(anna)).isEqualTo(JsonValue.NULL);
            assertThat(bjorns.hear("user:place").get("place")).isEqualTo(JsonValue.NULL);
        }
        assertThat(visits(anna)).singleElement().asString().doesNotEndWith("still");
    }

    @Test
    void deletedPositionsTakeTheirVisitsAlong() {
        Person anna = server.startFamily("Anna");
        server.post("/api/places", anna, HOME);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        share(anna, 10, now.minusSeconds(7200));
        share(anna, 10.1, now.minusSeconds(3600));
        share(anna, 10, now);
        assertThat(visits(anna)).hasSize(2);
        server.delete("/api/users/" + anna.id() + "/locations?to=" + now.minusSeconds(1800), anna);
        assertThat(visits(anna)).containsExactly("Home " + now + " still");
        server.delete("/api/users/" + anna.id() + "/locations", anna);
        assertThat(visits(anna)).isEmpty();
        assertThat(placeOf(anna)).isEqualTo(JsonValue.NULL);
    }

    @Test
    void aWaypointOfOwnTracksIsAPlaceAndAPlaceIsAWaypoint() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Tracker annas = Tracker.add(server, anna, "owntracks");
        annas.post(
                "/owntracks",
                "{\"_type\":\"waypoint\",\"desc\":\"Heima\",\"lat\":10,\"lon\":20,\"rad\":75,\"tst\":1790000000}");
        annas.post(
                "/owntracks",
                "{\"_type\":\"waypoint\",\"desc\":\"Heima hjá\",\"lat\":10,\"lon\":20,\"rad\":20,\"tst\":1790000000}");
        assertThat(server.get("/api/places", bjorn)
                        .json()
                        .getJsonArray("places")
                        .getValuesAs(JsonObject.class))
                .singleElement()
                .satisfies(place -> {
                    assertThat(place.getString("name")).isEqualTo("Heima hjá");
                    assertThat(place.getInt("radius")).isEqualTo(Place.LEAST_RADIUS);
                    assertThat(place.getString("createdBy")).isEqualTo(anna.id());
                });
        share(bjorn, 10, Instant.now());
        assertThat(visits(bjorn)).hasSize(1);
    }

    @Test
    void everyStayIsOneVisitInWhateverOrderPositionsCome() {
        Random random = Extent.random("PlacesIT");
        for (int i = 0; i < DAYS; i++) {
            Day day = new Day(
                    random, Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofDays(3)));
            Person anna = server.startFamily("Anna");
            Map<String, Place> places = day.places.stream()
                    .collect(Collectors.toMap(
                            place -> server.post("/api/places", anna, json(place))
                                    .string("id"),
                            p -> p));
            List<Day.Reading> late = new ArrayList<>();
            List<Day.Reading> group = new ArrayList<>();
            for (Day.Reading reading : day.readings) {
                (random.nextInt(10) == 0 ? late : group).add(reading);
                if (group.size() >= 1 + random.nextInt(200)) {
                    send(anna, group);
                    if (random.nextInt(3) == 0) {
                        Collections.shuffle(late, random);
                        send(anna, late);
                    }
                }
            }
            send(anna, group);
            send(anna, late);
            List<StayDetector.Stay> visits =
                    server.get("/api/users/" + anna.id() + "/visits", anna).json().getJsonArray("visits").stream()
                            .map(JsonValue::asJsonObject)
                            .map(visit -> new StayDetector.Stay(
                                    places.get(visit.getString("placeId")),
                                    Instant.parse(visit.getString("arrivedAt")).toEpochMilli(),
                                    visit.isNull("leftAt")
                                            ? null
                                            : Instant.parse(visit.getString("leftAt"))
                                                    .toEpochMilli(),
                                    true))
                            .toList();
            assertThat(day.faults(visits)).as("day %d", i).isEmpty();
        }
    }

    private static String json(Place place) {
        return Json.createObjectBuilder()
                .add("name", place.name())
                .add("latitude", place.latitude())
                .add("longitude", place.longitude())
                .add("radius", place.radius())
                .build()
                .toString();
    }

    private void send(Person person, List<Day.Reading> readings) {
        if (readings.isEmpty()) {
            return;
        }
        for (int from = 0; from < readings.size(); from += 500) {
            JsonArrayBuilder some = Json.createArrayBuilder();
            readings.subList(from, Math.min(readings.size(), from + 500))
                    .forEach(reading -> some.add(Phone.update(reading.latitude(), reading.longitude())
                            .add("accuracy", reading.accuracy())
                            .add("timestamp", Instant.ofEpochMilli(reading.at()).toString())));
            Server.Answer answer =
                    server.post("/api/locations", person, some.build().toString());
            assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
        }
        readings.clear();
    }
}
