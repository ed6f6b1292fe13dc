package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The main job where WebSocket does not get through: server-sent events down, POST up. */
@SharedServer
class EventsIT {
    private final Server server;
    private Person anna;
    private Person bjorn;

    EventsIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    @Test
    void aPostReachesEventStreamsAndWebSocketsAlike() {
        try (EventStream stream = EventStream.open(server, bjorn, null);
                Phone phone = Phone.connect(server, bjorn)) {
            phone.subscribe();
            Answer answer = server.post(
                    "/api/locations",
                    anna,
                    Phone.update(64.1, -21.9).add("id", "p1").build().toString());
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.string("id")).isEqualTo("p1");
            assertThat(answer.json().getBoolean("stored")).isTrue();

            EventStream.Event event = stream.next("location:broadcast");
            JsonObject heard = phone.hear("location:broadcast");
            assertThat(event.data().getString("userId")).isEqualTo(anna.id());
            assertThat(event.data().getJsonNumber("latitude").doubleValue()).isEqualTo(64.1);
            assertThat(event.id()).isEqualTo(heard.getJsonNumber("offset").toString());
        }
    }

    @Test
    void theStreamBeginsWithTheLatestPositions() {
        server.post("/api/locations", anna, Phone.update(1, 1).build().toString());
        server.post("/api/locations", anna, Phone.update(2, 2).build().toString());
        try (EventStream stream = EventStream.open(server, bjorn, null)) {
            assertThat(stream.next("location:broadcast").data().getInt("latitude"))
                    .isEqualTo(2);
        }
    }

    @Test
    void whoComesBackWithTheLastIdGetsWhatWasMissed() {
        String lastId;
        try (EventStream stream = EventStream.open(server, bjorn, null)) {
            server.post("/api/locations", anna, Phone.update(1, 1).build().toString());
            lastId = stream.next("location:broadcast").id();
        }
        for (int i = 2; i <= 5; i++) {
            server.post("/api/locations", anna, Phone.update(i, i).build().toString());
        }
        try (EventStream stream = EventStream.open(server, bjorn, lastId)) {
            for (int i = 2; i <= 5; i++) {
                assertThat(stream.next("location:broadcast").data().getInt("latitude"))
                        .isEqualTo(i);
            }
        }
    }

    @Test
    void anArrayIsAnsweredItemByItem() {
        String good = Phone.update(1, 1).add("id", "g").build().toString();
        Answer answer = server.post("/api/locations", anna, "[" + good + ",{\"latitude\":95}," + good + "]");
        assertThat(answer.status()).isEqualTo(200);
        var results = answer.json().getJsonArray("results").getValuesAs(JsonObject.class);
        assertThat(results).extracting(result -> result.getBoolean("stored")).containsExactly(true, false, true);
        assertThat(results.get(1).getString("message"))
                .isEqualTo("longitude: expected degrees as a number, but it is missing");
    }

    @Test
    void aBadPositionIsRefusedWithTheReason() {
        Answer answer =
                server.post("/api/locations", anna, Phone.update(91, 0).build().toString());
        assertThat(answer.response().body())
                .isEqualTo(
                        "{\"error\":true,\"message\":\"latitude: expected a number from -90 to 90\",\"statusCode\":400}");
    }

    @Test
    void nobodyListensWithoutAToken() {
        assertThat(server.get("/api/events", null).status()).isEqualTo(401);
    }
}
