package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.draugar.support.Crowd;
import org.draugar.support.Jcmd;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The jar as a newcomer runs it: what it prints, what it keeps, how it ends. */
@Execution(ExecutionMode.CONCURRENT)
class UberJarIT {
    private static final Pattern LINK = Pattern.compile("http://localhost:(\\d+)/#/join/([A-Z2-9]{8})(?![A-Z2-9])");

    @TempDir
    Path data;

    @BeforeAll
    static void onlyWithItsOwnServer() {
        assumeTrue(
                ServerProcess.CONTAINER.equals("payara-micro"),
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
            // When the last family has gone, whoever reads the log may start the next one.
            Server server = jar.awaitReady();
            server.delete("/api/users/" + bjorn.id(), anna);
            server.delete("/api/users/" + anna.id(), anna);
            Matcher next = LINK.matcher(jar.awaitLine("No family yet"));
            assertThat(next.find()).isTrue();
            assertThat(server.join(next.group(2), "Eva").id()).isNotEmpty();
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

    @Test
    void saysItsVersionAndWhatItDoesNotUnderstand() {
        assertThat(answer("--version")).isEqualTo("0 Draugar " + System.getProperty("draugar.version"));
        assertThat(answer("--port=80")).startsWith("64 Expected --version or nothing, but found \"--port=80\"");
    }

    /** The exit code of the jar, and what it prints. */
    private static String answer(String argument) {
        try {
            Process jar = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-jar",
                            "target/draugar.jar",
                            argument)
                    .redirectErrorStream(true)
                    .start();
            String printed = new String(jar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return jar.waitFor() + " " + printed.strip();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Seen once: one service of Payara's started before another one that it needs. */
    @Test
    void triesOnceMoreWhenItsServerDoesNotComeUp() {
        Path missing = data.resolve("missing");
        try (ServerProcess jar = ServerProcess.jar(
                Map.of("DRAUGAR_DATA", data.toString(), "JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + missing))) {
            jar.log().expect("No such file or directory");
            jar.awaitLine("Draugar tries it once more");
            jar.awaitLine("Draugar is starting");
            assertThat(jar.awaitLine("Draugar could not start: ")).endsWith("start Draugar again");
            assertThat(jar.awaitExit()).isEqualTo(1);
        }
    }

    @Test
    void unpacksItselfOnceAndItsSecondStartTakesTheClassesFromAnArchive() throws Exception {
        Path cache = data.resolve("cache");
        FileTime unpacked;
        Path former = Files.createDirectories(cache.resolve("0123456789abcdef"));
        Files.createFile(former.resolve("in-use"));
        Path running = Files.createDirectories(cache.resolve("fedcba9876543210"));
        // Somebody may have said that their home is the cache.
        Path pictures = Files.createDirectories(cache.resolve("pictures"));
        Files.createFile(pictures.resolve("in-use"));
        Path theirs = Files.createDirectories(cache.resolve("0000000000000000"));
        Path link = Files.createSymbolicLink(cache.resolve("1111111111111111"), running);
        try (FileChannel use = FileChannel.open(
                running.resolve("in-use"), Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            use.lock();
            try (ServerProcess first = ServerProcess.jarAsShipped(inCache(cache))) {
                first.awaitLine("Draugar is ready");
                assertThat(former).doesNotExist();
                assertThat(running).exists();
                assertThat(pictures.resolve("in-use")).exists();
                assertThat(theirs).exists();
                assertThat(link).exists();
                Server.await(
                        "an archive of the classes", Duration.ofMinutes(5), () -> !ServerProcess.classArchives(cache)
                                .isEmpty());
                unpacked = Files.getLastModifiedTime(
                        ServerProcess.classArchives(cache).get(0).resolveSibling("draugar.jar"));
                first.stop();
                first.awaitEnd();
            }
        }
        try (ServerProcess second = ServerProcess.jarAsShipped(inCache(cache))) {
            second.awaitLine("Draugar is ready");
            assertThat(Files.getLastModifiedTime(
                            ServerProcess.classArchives(cache).get(0).resolveSibling("draugar.jar")))
                    .isEqualTo(unpacked);
            try (Stream<String> loaded =
                    Files.lines(data.resolve("classes-" + second.handle().pid()))) {
                assertThat(loaded.filter(line -> line.contains(" fish.payara.micro.impl.PayaraMicroImpl ")))
                        .singleElement()
                        .asString()
                        .contains("shared objects file");
            }
        }
        // As long as it was, but damaged: it is made anew, and runs.
        Path jar = ServerProcess.classArchives(cache).get(0).resolveSibling("runtime/tyrus-core.jar");
        byte[] content = Files.readAllBytes(jar);
        content[content.length / 2] ^= 1;
        Files.write(jar, content);
        try (ServerProcess third = ServerProcess.jarAsShipped(inCache(cache))) {
            third.awaitLine("Draugar is ready");
            content[content.length / 2] ^= 1;
            assertThat(Files.readAllBytes(jar)).isEqualTo(content);
            assertThat(pictures.resolve("in-use")).exists();
            third.stop();
            third.awaitEnd();
        }
        try (Stream<Path> left = Files.walk(cache)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("making-")))
                    .isEmpty();
        }
    }

    private Map<String, String> inCache(Path cache) {
        return Map.of(
                "DRAUGAR_DATA",
                data.toString(),
                "DRAUGAR_CACHE",
                cache.toString(),
                "JAVA_TOOL_OPTIONS",
                "-Xlog:class+load:file=" + data.resolve("classes-%p"));
    }

    @Test
    void startsWithoutACacheAndLeavesNothingBehind() throws Exception {
        Path temporary = Files.createDirectory(data.resolve("tmp"));
        try (ServerProcess jar = ServerProcess.jar(Map.of(
                "DRAUGAR_DATA",
                data.toString(),
                "DRAUGAR_CACHE",
                Files.createFile(data.resolve("not-a-folder")).toString(),
                "JAVA_TOOL_OPTIONS",
                "-Djava.io.tmpdir=" + temporary))) {
            jar.awaitLine("Draugar is ready");
            assertThat(unpacked(temporary)).hasSize(1);
            jar.stop();
            jar.awaitEnd();
        }
        assertThat(unpacked(temporary)).isEmpty();
    }

    private static List<Path> unpacked(Path temporary) throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("draugar-"))
                    .toList();
        }
    }

    /** They look into a server, one after another. */
    @Nested
    @Execution(ExecutionMode.SAME_THREAD)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    class OneThatRuns {
        @TempDir
        static Path data;

        private static ServerProcess running;
        private static Server server;

        @BeforeAll
        static void start() {
            running = ServerProcess.jar(Map.of("DRAUGAR_DATA", data.toString(), "DRAUGAR_SIGNUP", "open"));
            server = running.awaitReady();
        }

        @AfterAll
        static void stop() {
            running.close();
        }

        @Test
        void anotherOneDoesNotStartOnTheSameFolder() {
            try (ServerProcess jar = ServerProcess.jar(Map.of("DRAUGAR_DATA", data.toString()))) {
                assertThat(jar.awaitLine("DRAUGAR_DATA"))
                        .isEqualTo("DRAUGAR_DATA: expected a folder that no other server uses, so stop that one first,"
                                + " but found \"" + data + "\"");
                assertThat(jar.awaitExit()).isEqualTo(78);
            }
        }

        @Test
        void threadsThatACrowdNeededGoAgain() throws Exception {
            int crowd = 250;
            // As many strangers' bodies are waited for at once.
            int most = 64;
            List<Socket> slow = new ArrayList<>();
            try {
                while (slow.size() < crowd) {
                    Socket socket = new Socket("127.0.0.1", running.port());
                    slow.add(socket);
                    socket.getOutputStream()
                            .write(("POST /api/families HTTP/1.1\r\n"
                                            + "Host: localhost\r\n"
                                            + "Content-Type: application/json\r\n"
                                            + "Content-Length: 1000\r\n\r\n"
                                            + "{")
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                Server.await("many threads wait for them", Duration.ofSeconds(20), () -> threads() >= most);
            } finally {
                for (Socket socket : slow) {
                    socket.close();
                }
            }
            Server.await("one after another, few threads do", Duration.ofSeconds(60), () -> {
                for (int request = 0; request < 2 * most; request++) {
                    assertThat(server.get("api/health", null).status()).isEqualTo(200);
                }
                return threads() < 20;
            });
        }

        /** The first of all: what others leave goes away meanwhile. */
        @Test
        @Order(1)
        void anIdleConnectionTakesLittleOfTheHeap() {
            int crowd = 400;
            try (Crowd idle = new Crowd(server)) {
                Person anna = server.startFamily("Anna");
                // What the first connection of all makes the server load is not its own.
                idle.connect(anna, message -> {});
                // Of more than a hundred of one member the oldest are closed.
                List<Person> members = Stream.of("Björn", "Clara", "Dísa", "Einar", "Freyja")
                        .map(name -> server.join(anna, name))
                        .toList();
                long before = Jcmd.heapBytes(running.handle().pid());
                for (int i = 0; i < crowd; i++) {
                    idle.connect(members.get(i % members.size()), message -> {});
                }
                long each = (Jcmd.heapBytes(running.handle().pid()) - before) / crowd;
                // A stock Payara keeps 5 KB of room for form parameters and headers with each, which a WebSocket does
                // not use.
                assertThat(each).isBetween(10_000L, 28_000L);
            }
        }

        private static long threads() {
            long threads = Jcmd.ask(Long.toString(running.handle().pid()), "Thread.print")
                    .lines()
                    .filter(line -> line.matches("\"http-(thread-pool::.*|worker)\".*"))
                    .count();
            assertThat(threads).isPositive();
            return threads;
        }
    }
}
