package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.draugar.support.Database;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A family goes on after an update: nobody joins again, and nothing is lost. Each version that changes the tables brings a
 * store that the version before it has made, with something in every table.
 *
 * <p>{@code store-14}, made by the jar of commit a6574f5: Anna with 122 positions, an alarm, a tracker, a webhook and her
 * group key; Björn with one position, paused until he ends it.
 */
class EarlierStoreIT {
    private static final String MORNING = "?from=2026-11-30T08:00:00Z&to=2026-11-30T11:00:00Z";

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Database.class)
    void aFamilyGoesOn(Database database) throws Exception {
        boolean h2 = database == Database.H2;
        Person anna = h2
                ? new Person("pTs2F4Ig-en8lhHO7PF0hHbdAf-3c8fwzeGwBQvjULw", "vcrq1ravs359", "Anna")
                : new Person("00eDRlk-dJIt71dhEKFTTZ26YY4VMOwcZTanWsXdUjE", "1p26jeg6uomr6", "Anna");
        Person bjorn = h2
                ? new Person("GaSIb3umg2ksQFmyb-jk8DM2bFStTHCtCzzSib-CoPc", "1pcbucayqhl6g", "Björn")
                : new Person("t14tAcDBUIdiAE2Gd3RiP-q0PQzhKjdtl66gG6xJSYU", "8pzqp6p9bhcz", "Björn");
        Map<String, String> settings = database.restore(14, Files.createDirectories(folder.resolve("data")));
        // The store gets older with each day.
        settings.put("DRAUGAR_DEVICE_TERM", "off");
        settings.put("DRAUGAR_HISTORY", "1200w");
        settings.put("DRAUGAR_WEBHOOKS", "http://127.0.0.1:9");
        // The second time, there is nothing to change.
        for (int start = 0; start < 2; start++) {
            try (ServerProcess process = ServerProcess.start(folder.resolve("server"), settings)) {
                Server server = process.awaitReady();
                assertThat(server.get("/api/users", bjorn).json().getJsonArray("users"))
                        .extracting(user -> user.asJsonObject().getString("name"))
                        .containsExactlyInAnyOrder("Anna", "Björn");
                assertThat(count(server, bjorn, "/api/users/" + anna.id() + "/locations" + MORNING, "locations"))
                        .isEqualTo(122);
                assertThat(count(server, anna, "/api/users/" + bjorn.id() + "/locations" + MORNING, "locations"))
                        .isEqualTo(1);
                assertThat(count(server, anna, "/api/trackers", "trackers")).isEqualTo(1);
                assertThat(count(server, anna, "/api/devices", "devices")).isEqualTo(3);
                assertThat(server.get("/api/webhook", anna).string("url")).endsWith("/api/webhook/5f2c");
                assertThat(server.get("/api/crypto/group-key", anna).json().getInt("keyVersion"))
                        .isEqualTo(1);
                assertThat(server.get("/api/pause", bjorn).json().getBoolean("paused"))
                        .isTrue();
                assertThat(server.get("/api/log", anna).json().getJsonArray("entries"))
                        .extracting(entry -> entry.asJsonObject().getString("event"))
                        .contains("member-joined", "invite-made", "device-added");
                try (Phone annas = Phone.connect(server, anna);
                        Phone bjorns = Phone.connect(server, bjorn)) {
                    bjorns.subscribe();
                    annas.send(Phone.update(1, 2).add("id", "new" + start));
                    annas.hear("ack");
                    JsonObject heard = bjorns.hear("location:broadcast");
                    assertThat(heard.getString("userId")).isEqualTo(anna.id());
                }
                process.stop();
                process.awaitExit();
            }
        }
    }

    private static int count(Server server, Person person, String path, String list) {
        return server.get(path, person).json().getJsonArray(list).size();
    }
}
