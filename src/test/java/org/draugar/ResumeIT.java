package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.draugar.support.EventStream;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.Server.Answer;
import org.draugar.support.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Coming back after a long time: what was missed comes from the store, and what was acknowledged is known again. */
@SharedServer
class ResumeIT {
    private static final int MISSED = 2500;

    private final Server server;
    private Person anna;
    private Person bjorn;

    ResumeIT(Server server) {
        this.server = server;
    }

    @BeforeEach
    void startFamily() {
        anna = server.startFamily("Anna");
        bjorn = server.join(anna, "Björn");
    }

    @Test
    void aLongAbsenceIsMadeUpForInOrder() {
        long since = firstOffset();
        sendNumbered(1, MISSED);
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.send("{\"type\":\"location:subscribe\",\"since\":" + since + "}");
            List<Integer> heard = new ArrayList<>();
            while (heard.size() < MISSED) {
                heard.add(number(phone.hear("location:broadcast")));
            }
            assertThat(heard).isEqualTo(IntStream.rangeClosed(1, MISSED).boxed().toList());
            sendNumbered(MISSED + 1, MISSED + 1);
            assertThat(number(phone.hear("location:broadcast"))).isEqualTo(MISSED + 1);
        }
    }

    @Test
    void whoWasAwayForLongerThanTheFamilyKeepsIsTold() {
        long twoHoursAgo = Instant.now().minus(Duration.ofHours(2)).toEpochMilli() * 4096;
        String subscribe = "{\"type\":\"location:subscribe\",\"since\":" + twoHoursAgo + "}";
        sendNumbered(1, 20);
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.send(subscribe);
            assertThat(number(phone.hear())).as("the server keeps that").isEqualTo(1);
        }
        server.patch("/api/family", anna, "{\"history\":\"1h\"}");
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.send(subscribe);
            assertThat(phone.hear("error").getString("code")).isEqualTo("gap");
            assertThat(number(phone.hear("location:broadcast"))).isEqualTo(20);
        }
    }

    @Test
    void anEventStreamMakesUpForALongAbsenceToo() {
        String since = Long.toString(firstOffset());
        sendNumbered(1, MISSED);
        try (EventStream stream = EventStream.open(server, bjorn, since)) {
            for (int i = 1; i <= MISSED; i++) {
                assertThat(number(stream.next("location:broadcast").data())).isEqualTo(i);
            }
        }
    }

    @Test
    void whatComesWhileItIsMadeUpForFollowsInOrder() {
        long since = firstOffset();
        sendNumbered(1, MISSED);
        try (Phone phone = Phone.connect(server, bjorn);
                Phone annas = Phone.connect(server, anna)) {
            phone.send("{\"type\":\"location:subscribe\",\"since\":" + since + "}");
            for (int i = MISSED + 1; i <= MISSED + 200; i++) {
                annas.send(Phone.update(64, -21).add("altitude", i));
            }
            for (int i = 1; i <= MISSED + 200; i++) {
                assertThat(number(phone.hear("location:broadcast"))).isEqualTo(i);
            }
        }
    }

    @Test
    void aRepetitionIsKnownHoweverManyCameAfterIt() {
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.subscribe();
            String first = numbered(0, Instant.now().minusSeconds(7000));
            assertThat(post("[" + first + "]")).containsExactly(true);
            assertThat(number(phone.hear("location:broadcast"))).isZero();
            sendNumbered(1, 1000);
            assertThat(post("[" + first + "]")).as("acknowledged again").containsExactly(true);
            sendNumbered(1001, 1001);
            int last = 0;
            while (last < 1001) {
                int number = number(phone.hear("location:broadcast"));
                assertThat(number).as("told once, in order").isGreaterThan(last);
                last = number;
            }
        }
    }

    @Test
    void aPhoneThatWasAwayForADayDeliversAllOfItOnce() {
        Instant yesterday = Instant.now().minusSeconds(86_400);
        long since = firstOffset();
        for (int round = 0; round < 2; round++) {
            for (int batch = 0; batch < 18; batch++) {
                JsonArrayBuilder day = Json.createArrayBuilder();
                for (int i = 0; i < 480; i++) {
                    int number = 1 + batch * 480 + i;
                    day.add(object(number, yesterday.plusSeconds(10L * number - 20)));
                }
                assertThat(post(day.build().toString())).hasSize(480).doesNotContain(false);
            }
        }
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.send("{\"type\":\"location:subscribe\",\"since\":" + since + "}");
            for (int i = 1; i <= 8640; i++) {
                assertThat(number(phone.hear("location:broadcast"))).isEqualTo(i);
            }
            assertThat(phone.flush()).isEmpty();
        }
    }

    /** Anna is seen once, so that there is somewhere to come back to. */
    private long firstOffset() {
        try (Phone phone = Phone.connect(server, bjorn)) {
            phone.subscribe();
            post("[" + numbered(0, Instant.now().minusSeconds(90_000)) + "]");
            return phone.hear("location:broadcast").getJsonNumber("offset").longValue();
        }
    }

    private void sendNumbered(int first, int last) {
        for (int from = first; from <= last; from += 500) {
            JsonArrayBuilder some = Json.createArrayBuilder();
            for (int i = from; i <= Math.min(last, from + 499); i++) {
                some.add(object(i, Instant.now()));
            }
            assertThat(post(some.build().toString())).doesNotContain(false);
        }
    }

    private List<Boolean> post(String array) {
        Answer answer = server.post("/api/locations", anna, array);
        return answer.json().getJsonArray("results").getValuesAs(JsonObject.class).stream()
                .map(result -> result.getBoolean("stored"))
                .toList();
    }

    private static String numbered(int number, Instant measuredAt) {
        return object(number, measuredAt).toString();
    }

    private static JsonObject object(int number, Instant measuredAt) {
        return Phone.update(64, -21)
                .add("id", "n" + number)
                .add("altitude", number)
                .add("timestamp", measuredAt.toString())
                .build();
    }

    private static int number(JsonObject broadcast) {
        return broadcast.getInt("altitude");
    }
}
