package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.time.Instant;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.draugar.support.Tracker;
import org.junit.jupiter.api.Test;

/** One member's devices send as much as a tunnel needs, and no flood: each door says to come again. */
@SharedServer
class FloodIT {
    private static final int AT_ONCE = 500;
    private static final int BURST = 10_000;

    private final Server server;

    FloodIT(Server server) {
        this.server = server;
    }

    @Test
    void beyondATunnelsWorthEachDoorSaysToComeAgain() {
        Person anna = server.startFamily("Anna");
        Person bjorn = server.join(anna, "Björn");
        Tracker overland = Tracker.add(server, anna, "overland");
        int stored = 0;
        int refused = 0;
        for (int sent = 0; refused == 0; sent += AT_ONCE) {
            assertThat(sent).as("sent before anything was refused").isLessThan(4 * BURST);
            for (JsonObject result : post(anna, sent).getValuesAs(JsonObject.class)) {
                if (result.getBoolean("stored")) {
                    stored++;
                } else {
                    refused++;
                    assertThat(result.getString("message"))
                            .contains("20 positions a second")
                            .contains("again");
                }
            }
        }
        assertThat(stored).isGreaterThanOrEqualTo(BURST);
        assertThat(server.history(anna, "?limit=5000")).hasSize(5000);

        Answer full = overland.post("/overland", overlandPoints(1000));
        assertThat(full.status()).isEqualTo(503);
        assertThat(full.response().headers().firstValue("Retry-After")).hasValue("30");

        // What is known already comes through, so that an app gets ahead with every attempt.
        JsonObject again = post(anna, 0).getJsonObject(0);
        assertThat(again.getBoolean("stored")).isTrue();

        try (Phone phone = Phone.connect(server, anna)) {
            for (int i = 0; i < 100; i++) {
                phone.send(Phone.update(1, 2).add("id", "more" + i));
            }
            JsonObject error = phone.hear("error");
            assertThat(error.getString("code")).isEqualTo("unavailable");
        }
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.send(Phone.update(1, 2).add("id", "of somebody else"));
            assertThat(phone.hear("ack").getString("id")).isEqualTo("of somebody else");
        }
    }

    private jakarta.json.JsonArray post(Person person, int first) {
        JsonArrayBuilder positions = Json.createArrayBuilder();
        Instant start = Instant.now().minusSeconds(50_000).truncatedTo(java.time.temporal.ChronoUnit.DAYS);
        for (int i = first; i < first + AT_ONCE; i++) {
            positions.add(Json.createObjectBuilder()
                    .add("id", "n" + i)
                    .add("latitude", 1)
                    .add("longitude", 2)
                    .add("timestamp", start.plusSeconds(i).toString()));
        }
        Answer answer = server.post("/api/locations", person, positions.build().toString());
        assertThat(answer.status()).isEqualTo(200);
        return answer.json().getJsonArray("results");
    }

    private static String overlandPoints(int count) {
        JsonArrayBuilder points = Json.createArrayBuilder();
        Instant start = Instant.now().minusSeconds(count);
        for (int i = 0; i < count; i++) {
            points.add(Json.createObjectBuilder()
                    .add("type", "Feature")
                    .add(
                            "geometry",
                            Json.createObjectBuilder()
                                    .add("type", "Point")
                                    .add(
                                            "coordinates",
                                            Json.createArrayBuilder().add(2).add(1)))
                    .add(
                            "properties",
                            Json.createObjectBuilder()
                                    .add("timestamp", start.plusSeconds(i).toString())));
        }
        return Json.createObjectBuilder().add("locations", points).build().toString();
    }
}
