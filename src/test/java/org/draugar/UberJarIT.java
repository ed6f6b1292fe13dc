package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.JsonObject;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as a newcomer runs it: what it prints, what it keeps, how it ends. */
class UberJarIT {
    private static final Pattern LINK = Pattern.compile("http://localhost:(\\d+)/#/join/([A-Z2-9]{8,})");

    @TempDir
    Path data;

    @BeforeAll
    static void onlyWithItsOwnServer() {
        assumeTrue(
                System.getProperty("draugar.container", "payara-micro").equals("payara-micro"),
                "The jar brings its own server: it is tested once, with Payara Micro");
    }

    @Test
    void startsAFamilyByTheLinkThatItPrintsAndKeepsItOverARestart() throws Exception {
        Person anna;
        Person bjorn;
        try (ServerProcess jar = ServerProcess.jar(Map.of("DRAUGAR_DATA", data.toString()))) {
            Matcher link = LINK.matcher(jar.awaitLine("No family yet"));
            assertThat(link.find()).isTrue();
            assertThat(link.group(1)).isEqualTo(Integer.toString(jar.port()));
            jar.awaitLine("Draugar is ready");
            anna = jar.awaitReady().join(link.group(2), "Anna");
            bjorn = jar.awaitReady().join(anna, "Björn");
            try (Phone phone = Phone.connect(jar.awaitReady(), anna)) {
                phone.send(Phone.update(64.1, -21.9).add("id", "kept"));
                phone.hear("ack");
                jar.awaitLine("ws-1 connected");

                jar.stop();
                assertThat(phone.awaitClose(Duration.ofSeconds(10))
                                .getCloseCode()
                                .getCode())
                        .isEqualTo(1001);
            }
            jar.awaitLine("ws-1 disconnected: 1001 the server stops; connect again");
            assertThat(jar.awaitEnd())
                    .as("what is printed is for people")
                    .noneMatch(line -> line.contains("Payara") || line.contains("Exception"));
            assertThat(String.join("\n", jar.seen()))
                    .as("and tells nothing of them")
                    .doesNotContain("Anna", "Björn", anna.token(), bjorn.token(), "64.1", "21.9");
        }
        try (ServerProcess jar = ServerProcess.jar(Map.of("DRAUGAR_DATA", data.toString()))) {
            jar.awaitLine("Draugar is ready");
            assertThat(jar.seen()).noneMatch(line -> line.contains("No family yet"));
            try (Phone phone = Phone.connect(jar.awaitReady(), bjorn)) {
                List<JsonObject> snapshot = phone.subscribe();
                assertThat(snapshot).hasSize(1);
                assertThat(snapshot.get(0).getString("userId")).isEqualTo(anna.id());
                assertThat(snapshot.get(0).getJsonNumber("latitude").doubleValue())
                        .isEqualTo(64.1);
                phone.send(Phone.update(1, 1).add("id", "after"));
                phone.hear("ack");
            }
            try (Phone phone = Phone.connect(jar.awaitReady(), anna)) {
                phone.subscribe();
                phone.send(Phone.update(64.1, -21.9).add("id", "kept"));
                assertThat(phone.hear("ack").getString("id"))
                        .as("sent again after the restart")
                        .isEqualTo("kept");
            }
        }
    }

    @Test
    void endsQuietlyWhileItStarts() {
        try (ServerProcess jar = ServerProcess.jar(Map.of("DRAUGAR_DATA", data.toString()))) {
            Server.await(
                    "it opens its store", Duration.ofMinutes(2), () -> Files.exists(data.resolve("draugar.mv.db")));
            jar.stop();
            assertThat(jar.awaitEnd())
                    .startsWith("Draugar is starting …")
                    .contains("Draugar is stopping …")
                    .noneMatch(line -> line.contains("Exception") || line.contains("ERROR"));
        }
    }

    @Test
    void stopsWithOneLineWhenASettingCannotBeUsed() throws Exception {
        try (ServerProcess jar =
                ServerProcess.jar(Map.of("DRAUGAR_DATA", data.toString(), "DRAUGAR_SIGNUP", "perhaps"))) {
            assertThat(jar.awaitLine("DRAUGAR_SIGNUP"))
                    .isEqualTo("DRAUGAR_SIGNUP: expected open or closed, but found \"perhaps\"");
            assertThat(jar.awaitExit()).isEqualTo(78);
        }
        try (ServerSocket taken = new ServerSocket(0);
                ServerProcess jar = ServerProcess.jar(Map.of("DRAUGAR_PORT", Integer.toString(taken.getLocalPort())))) {
            assertThat(jar.awaitLine("DRAUGAR_PORT")).endsWith(taken.getLocalPort() + " is in use");
            assertThat(jar.awaitExit()).isEqualTo(78);
        }
    }
}
