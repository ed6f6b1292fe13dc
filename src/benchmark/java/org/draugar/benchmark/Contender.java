package org.draugar.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.draugar.UberJar;
import org.draugar.support.Node;
import org.draugar.support.Person;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;

/**
 * A server that runs and is measured.
 *
 * @param name for people
 * @param process the one whose processor time counts
 * @param address where it is and who its members are, in the words of the load
 * @param end stops it
 */
record Contender(String name, ProcessHandle process, List<String> address, Runnable end) implements AutoCloseable {
    private static final Path FOLDER = Path.of("target", "benchmark");

    /** Express and Socket.IO. */
    static Contender peer(Node node) {
        try (ServerSocket free = new ServerSocket(0)) {
            int port = free.getLocalPort();
            free.close();
            Process process = node.start("node", "peer.mjs", Integer.toString(port));
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            Server.await("Socket.IO is ready", Duration.ofSeconds(30), () -> isOpen(port));
            return new Contender(
                    "Socket.IO",
                    process.toHandle(),
                    List.of("port=" + port, "path=/socket.io/?EIO=4&transport=websocket&family=%d"),
                    () -> UberJar.stop(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Draugar, with families that are new to it.
     *
     * @param server {@code Payara Micro} or {@code WildFly}
     * @param history {@code on} or {@code off}
     */
    static Contender draugar(String server, String history, int families, int members) throws IOException {
        return draugar(server, history, families, members, Map.of());
    }

    /** As above, with more in its environment. */
    static Contender draugar(String server, String history, int families, int members, Map<String, String> more)
            throws IOException {
        Path folder = folder(server, history);
        delete(folder);
        Files.createDirectories(folder);
        Contender draugar = again(server, history, more);
        Server started = new Server(
                URI.create("http://127.0.0.1:" + draugar.port() + "/").toURL());
        // Four at a time: signing up is a matter of the disk.
        List<String> lines = IntStream.range(0, families)
                .parallel()
                .mapToObj(family -> family(started, members))
                .flatMap(List::stream)
                .toList();
        Files.write(tokens(folder), lines, StandardCharsets.UTF_8);
        return draugar;
    }

    /** The same Draugar once more, with the families that it knows. */
    static Contender again(String server, String history, Map<String, String> more) {
        Path folder = folder(server, history);
        Map<String, String> settings = new HashMap<>(more);
        // As docs/operations.md says.
        settings.putIfAbsent("JAVA_OPTS", "-Xms512m -Xmx512m");
        settings.put("DRAUGAR_DATA", data(server, history).toAbsolutePath().toString());
        settings.put("DRAUGAR_SIGNUP", "open");
        // A closed loop sends as much as the server bears, which is more than a family does.
        settings.put("DRAUGAR_POSITIONS_PER_SECOND", "100000");
        settings.put("DRAUGAR_HISTORY", history.equals("on") ? "30d" : "off");
        ServerProcess process = server.equals("WildFly")
                ? ServerProcess.wildfly(folder.resolve("server"), settings)
                : ServerProcess.jar(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(process::kill));
        process.awaitReady();
        if (!server.equals("WildFly")) {
            // The very first start has one made, beside which nothing is to be measured.
            Server.await(
                    "the archive of classes that a first start makes",
                    Duration.ofMinutes(5),
                    () -> !ServerProcess.classArchives(ServerProcess.CACHE).isEmpty());
        }
        return new Contender(
                name(server, history),
                process.handle(),
                List.of(
                        "port=" + process.port(),
                        "path=/ws",
                        "tokens=" + tokens(folder).toAbsolutePath()),
                process::close);
    }

    /** Where it keeps what it knows. */
    static Path data(String server, String history) {
        return folder(server, history).resolve("data");
    }

    private static String name(String server, String history) {
        return server + ", history " + history;
    }

    private static Path folder(String server, String history) {
        return FOLDER.resolve(name(server, history).toLowerCase(Locale.ROOT).replaceAll("\\W+", "-"));
    }

    private static Path tokens(Path folder) {
        return folder.resolve("tokens");
    }

    private String port() {
        return address.get(0).substring("port=".length());
    }

    private static List<String> family(Server server, int members) {
        List<String> tokens = new ArrayList<>();
        Person first = server.startFamily("Anna");
        tokens.add(first.token());
        while (tokens.size() < members) {
            tokens.add(server.join(first, "Member " + tokens.size()).token());
        }
        return tokens;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** How much processor time it has used so far. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        end.run();
    }
}
