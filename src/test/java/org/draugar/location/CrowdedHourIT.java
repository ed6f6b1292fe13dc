package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.draugar.family.Caller;
import org.draugar.identity.IdentityFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * An hour that an earlier version let one secret fill, with more positions than the memory holds, in no order: the
 * server starts, and everything that reads of it takes a page at a time.
 */
@Execution(ExecutionMode.CONCURRENT)
class CrowdedHourIT {
    private static final int ROWS = Extent.of("CrowdedHourIT: rows of 128 positions in one hour", 5_000, 14_000);

    @TempDir
    Path folder;

    @Test
    void anHourLargerThanTheMemoryIsReadInPages() throws Exception {
        Map<String, String> settings =
                Map.of("DRAUGAR_DATA", folder.resolve("data").toString(), "DRAUGAR_SIGNUP", "open");
        Instant hour = Instant.now().minus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.HOURS);
        Person anna = fill(Settings.from(settings::get), hour);
        try (ServerProcess process = ServerProcess.start(folder.resolve("server"), "256m", settings)) {
            Server server = process.awaitReady();
            Person bjorn = server.join(anna, "Björn");
            try (Phone watching = Phone.connect(server, bjorn);
                    Phone phone = Phone.connect(server, anna)) {
                List<JsonObject> latest = watching.subscribe();
                assertThat(latest).hasSize(1);
                assertThat(latest.get(0).getString("timestamp"))
                        .isEqualTo(last(hour).toString());

                phone.send(Phone.update(1, 2).add("id", "now"));
                assertThat(phone.hear("ack").getString("id")).isEqualTo("now");
                assertThat(watching.hear("location:broadcast")
                                .getJsonNumber("latitude")
                                .intValue())
                        .isEqualTo(1);
                phone.send(Phone.update(3, 4).add("id", "late").add("timestamp", hour.toString()));
                assertThat(phone.hear("error").getString("message")).contains("100000 positions of that hour already");
                phone.send(Phone.update(5, 6).add("id", "still there"));
                assertThat(phone.hear("ack").getString("id")).isEqualTo("still there");
            }
            String path = "/api/users/" + anna.id() + "/locations";
            String window = "?from=" + hour + "&to=" + hour.plusSeconds(10);
            String next = path + window + "&order=asc&limit=1000";
            Instant before = Instant.EPOCH;
            int count = 0;
            while (next != null) {
                JsonObject page = server.get(next, anna).json();
                for (JsonObject position : page.getJsonArray("locations").getValuesAs(JsonObject.class)) {
                    Instant at = Instant.parse(position.getString("timestamp"));
                    assertThat(at).isAfterOrEqualTo(before);
                    before = at;
                    count++;
                }
                next = page.getString("next", null);
            }
            int expected = (int) (ROWS * 128L / 360);
            assertThat(count).isBetween(expected / 2, expected * 2);
            assertThat(server.get(path + window, anna).json().getJsonArray("locations"))
                    .hasSize(500);
            String gpx = server.send(server.request(path + window, anna).header("Accept", "application/gpx+xml"))
                    .response()
                    .body();
            assertThat(gpx.split("<trkpt", -1)).hasSize(count + 1);

            assertThat(server.delete(path, anna).status()).isEqualTo(204);
            assertThat(server.history(anna, "")).isEmpty();
        }
    }

    private static Instant last(Instant hour) {
        return hour.plus(1, ChronoUnit.HOURS).minusMillis(1);
    }

    private static Person fill(Settings settings, Instant hour) {
        Random random = new Random(Extent.seed("CrowdedHourIT"));
        Store store = new Store(settings);
        try {
            String token = IdentityFixture.token(store, "Anna");
            Caller anna = IdentityFixture.caller(store, token);
            long offset = Instant.now().toEpochMilli() * 4096;
            for (int done = 0; done < ROWS; done += 500) {
                int first = done;
                long above = offset;
                store.jdbi().useTransaction(handle -> {
                    PreparedBatch batch = handle.prepareBatch("insert into track"
                            + " (family_id, member_id, epoch_hour, first_offset, last_offset, reports, pack)"
                            + " values (?, ?, ?, ?, ?, 128, ?)");
                    for (int row = first; row < Math.min(first + 500, ROWS); row++) {
                        Pack pack = new Pack();
                        for (int i = 0; i < 128; i++) {
                            Instant at = row == 7 && i == 7 ? last(hour) : hour.plusMillis(random.nextInt(3_599_000));
                            pack.add(new StoredReport(
                                    anna.family(),
                                    anna.member(),
                                    anna.device(),
                                    above + (row - first) * 128L + i,
                                    "id" + row + "-" + i,
                                    new Fix(random.nextDouble(), 2, at, null, null, null, null, null, null, null)));
                        }
                        batch.add(
                                anna.family().value(),
                                anna.member().value(),
                                hour.getEpochSecond() / 3600,
                                pack.firstOffset(),
                                pack.lastOffset(),
                                pack.deflated());
                    }
                    batch.execute();
                });
                offset += 500 * 128;
            }
            return new Person(token, anna.member().toString(), "Anna");
        } finally {
            store.close();
        }
    }
}
