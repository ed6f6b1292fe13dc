package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
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
        try (Jar jar = new Jar(Map.of("DRAUGAR_DATA", data.toString()))) {
            Matcher link = LINK.matcher(jar.awaitLine("No family yet"));
            assertThat(link.find()).isTrue();
            assertThat(link.group(1)).isEqualTo(Integer.toString(jar.port));
            jar.awaitLine("Draugar is ready");
            anna = jar.server().join(link.group(2), "Anna");
            bjorn = jar.server().join(anna, "Björn");
            try (Phone phone = Phone.connect(jar.server(), anna)) {
                phone.send(Phone.update(64.1, -21.9).add("id", "kept"));
                phone.hear("ack");

                jar.process.destroy();
                assertThat(phone.awaitClose(Duration.ofSeconds(10))
                                .getCloseCode()
                                .getCode())
                        .isEqualTo(1001);
            }
            assertThat(jar.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(jar.seen)
                    .as("what is printed is for people")
                    .noneMatch(line -> line.contains("Payara") || line.contains("Exception"));
        }
        try (Jar jar = new Jar(Map.of("DRAUGAR_DATA", data.toString()))) {
            jar.awaitLine("Draugar is ready");
            assertThat(jar.seen).noneMatch(line -> line.contains("No family yet"));
            try (Phone phone = Phone.connect(jar.server(), bjorn)) {
                List<JsonObject> snapshot = phone.subscribe();
                assertThat(snapshot).hasSize(1);
                assertThat(snapshot.get(0).getString("userId")).isEqualTo(anna.id());
                assertThat(snapshot.get(0).getJsonNumber("latitude").doubleValue())
                        .isEqualTo(64.1);
                phone.send(Phone.update(1, 1).add("id", "after"));
                phone.hear("ack");
            }
            try (Phone phone = Phone.connect(jar.server(), anna)) {
                phone.subscribe();
                phone.send(Phone.update(64.1, -21.9).add("id", "kept"));
                assertThat(phone.hear("ack").getString("id"))
                        .as("sent again after the restart")
                        .isEqualTo("kept");
            }
        }
    }

    @Test
    void stopsWithOneLineWhenASettingCannotBeUsed() throws Exception {
        try (Jar jar = new Jar(Map.of("DRAUGAR_DATA", data.toString(), "DRAUGAR_SIGNUP", "perhaps"))) {
            assertThat(jar.awaitLine("DRAUGAR_SIGNUP"))
                    .isEqualTo("DRAUGAR_SIGNUP: expected open or closed, but found \"perhaps\"");
            assertThat(jar.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(jar.process.exitValue()).isEqualTo(78);
        }
        try (ServerSocket taken = new ServerSocket(0);
                Jar jar = new Jar(Map.of("DRAUGAR_PORT", Integer.toString(taken.getLocalPort())))) {
            assertThat(jar.awaitLine("DRAUGAR_PORT")).endsWith(taken.getLocalPort() + " is in use");
            assertThat(jar.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(jar.process.exitValue()).isEqualTo(78);
        }
    }

    /** A running {@code target/draugar.jar}. */
    private static final class Jar implements AutoCloseable {
        private final int port;
        private final Process process;
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final List<String> seen = new ArrayList<>();

        Jar(Map<String, String> settings) throws IOException {
            try (ServerSocket socket = new ServerSocket(0)) {
                port = socket.getLocalPort();
            }
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-jar",
                            "target/draugar.jar")
                    .redirectErrorStream(true);
            builder.environment().put("DRAUGAR_PORT", Integer.toString(port));
            builder.environment().put("DRAUGAR_HOST", "127.0.0.1");
            builder.environment().putAll(settings);
            process = builder.start();
            Thread reader = new Thread(() -> {
                try (BufferedReader output =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                    output.lines().forEach(lines::add);
                } catch (IOException e) {
                    // The process has ended.
                }
            });
            reader.setDaemon(true);
            reader.start();
        }

        Server server() throws IOException {
            URL url = URI.create("http://127.0.0.1:" + port + "/").toURL();
            return new Server(url);
        }

        String awaitLine(String part) throws InterruptedException {
            while (true) {
                String line = lines.poll(60, TimeUnit.SECONDS);
                assertThat(line).as("a line with \"%s\" after %s", part, seen).isNotNull();
                seen.add(line);
                if (line.contains(part)) {
                    return line;
                }
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                if (process.waitFor(20, TimeUnit.SECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.destroyForcibly();
        }
    }
}
