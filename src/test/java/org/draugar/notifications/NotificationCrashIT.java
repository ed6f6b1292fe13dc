package org.draugar.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.draugar.notifications.Receiver.Got;
import org.draugar.support.Database;
import org.draugar.support.Extent;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed while its queue is full, again and again: what it has told is sent, each notification is one, and
 * what comes again is known by its id.
 *
 * <p>{@code -Ddraugar.crash.rounds=50} for more than a glance.
 */
class NotificationCrashIT {
    private static final int ROUNDS =
            Integer.getInteger("draugar.crash.rounds", Extent.of("NotificationCrashIT: kills on each database", 2, 10));
    private static final int MEMBERS = 5;
    private static final Duration LONG = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @Test
    void theEmbeddedStoreLosesNone() {
        losesNone("H2", Map.of());
    }

    @Test
    void postgresLosesNone() {
        losesNone("PostgreSQL", Database.postgres().database("notificationcrash"));
    }

    private void losesNone(String name, Map<String, String> database) {
        Random random = Extent.random("NotificationCrashIT, " + name);
        try (Receiver receiver = new Receiver(0)) {
            Map<String, String> settings = new HashMap<>(database);
            settings.put("DRAUGAR_DATA", folder.resolve("data").toString());
            settings.put("DRAUGAR_SIGNUP", "open");
            settings.put("DRAUGAR_NOTIFY_ORIGINS", receiver.url(""));
            List<Person> people = new ArrayList<>();
            Map<String, Person> channels = new HashMap<>();
            Set<String> told = new HashSet<>();
            int accepted = 0;
            for (int round = 1; round <= ROUNDS; round++) {
                try (ServerProcess process = ServerProcess.start(folder.resolve("server"), settings)) {
                    Server server = process.awaitReady();
                    if (people.isEmpty()) {
                        open(server, receiver, people, channels);
                    }
                    receiver.answerAlways(500);
                    for (Map.Entry<String, Person> channel : channels.entrySet()) {
                        int status = server.post(
                                        "/api/notification-channels/" + channel.getKey() + "/test",
                                        channel.getValue(),
                                        "")
                                .status();
                        accepted += status == 202 ? 1 : 0;
                    }
                    for (Person person : people) {
                        server.get("/api/notifications", person)
                                .json()
                                .getJsonArray("notifications")
                                .getValuesAs(JsonObject.class)
                                .forEach(notification -> told.add(notification.getString("id")));
                    }
                    // In the middle of sending.
                    int before = taken(receiver).size();
                    receiver.answerAlways(201);
                    int some = before + 1 + random.nextInt(channels.size() / 2);
                    Server.await("some are sent", LONG, () -> taken(receiver).size() >= some);
                    process.kill();
                }
            }
            assertThat(told).as("each is told once").hasSize(accepted);
            try (ServerProcess process = ServerProcess.start(folder.resolve("server"), settings)) {
                process.awaitReady();
                Server.await("all are sent", LONG, () -> ids(receiver).containsAll(told));
            }
            List<Got> taken = taken(receiver);
            Set<String> ids = ids(receiver);
            System.out.printf(
                    "NotificationCrashIT: %s on %s, %d kills with %d channels: %d told, %d lost, %d told twice, %d"
                            + " sent again with the same id%n",
                    name,
                    ServerProcess.CONTAINER,
                    ROUNDS,
                    channels.size(),
                    told.size(),
                    told.stream().filter(id -> !ids.contains(id)).count(),
                    ids.stream().filter(id -> !told.contains(id)).count(),
                    taken.size() - ids.size());
            assertThat(ids).as("lost none, and told none twice").isEqualTo(told);
        }
    }

    private static void open(Server server, Receiver receiver, List<Person> people, Map<String, Person> channels) {
        Person anna = server.startFamily("Anna");
        people.add(anna);
        for (int i = 1; i < MEMBERS; i++) {
            people.add(server.join(anna, "Member " + i));
        }
        for (Person person : people) {
            for (int i = 0; i < Channels.MAX_OF_A_MEMBER; i++) {
                String id = "hook" + channels.size();
                channels.put(
                        server.post(
                                        "/api/notification-channels",
                                        person,
                                        Json.createObjectBuilder()
                                                .add("kind", "webhook")
                                                .add("url", receiver.url("/" + id))
                                                .build()
                                                .toString())
                                .string("id"),
                        person);
            }
        }
    }

    private static List<Got> taken(Receiver receiver) {
        return receiver.got().stream().filter(Got::isTaken).toList();
    }

    private static Set<String> ids(Receiver receiver) {
        return taken(receiver).stream().map(got -> got.json().getString("id")).collect(Collectors.toSet());
    }
}
