package org.draugar.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;

/** What {@code server-config/cluster/cluster.sh} starts: nodes, nginx, Redis, PostgreSQL. Each part can be made to fail. */
final class Machine implements AutoCloseable {
    private static final Path SCRIPT = Path.of("server-config/cluster/cluster.sh");
    private static final String COMPILER = System.getProperty("it.compiler", "");

    private final Path folder;
    private final int nodes;
    private final Map<String, String> settings = new HashMap<>();

    /** @param settings of the nodes */
    Machine(Path folder, int nodes, Map<String, String> settings) {
        for (String program : List.of("nginx", "redis-server", "redis-cli", "curl", "setsid")) {
            assumeTrue(isInstalled(program), "Skipped: " + program + " is not installed");
        }
        this.folder = folder;
        this.nodes = nodes;
        this.settings.put("NODES", Integer.toString(nodes));
        this.settings.put("JAVA_OPTS", "-Xmx256m -Xshare:auto " + COMPILER);
        this.settings.put("DRAUGAR_CACHE", ServerProcess.CACHE.toString());
        this.settings.put("DRAUGAR_SIGNUP", "open");
        this.settings.putAll(settings);
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream((System.getenv("PATH") + ":/usr/sbin").split(File.pathSeparator, -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    int nodes() {
        return nodes;
    }

    /** A setting for what is started from here on. */
    void set(String name, String value) {
        settings.put(name, value);
    }

    /** Starts parts, or everything, and waits until they answer. */
    void start(String... parts) {
        script("start", parts);
    }

    /** Asks parts to end, and waits until they have. */
    void stop(String... parts) {
        script("stop", parts);
    }

    /** Ends a part between two instructions. */
    void kill(String part) {
        signal(part, "KILL");
        // Until then its port is taken.
        Server.await(part + " is gone", java.time.Duration.ofSeconds(10), () -> !isRunning(part));
    }

    /** Stops a part where it is. */
    void freeze(String part) {
        signal(part, "STOP");
    }

    /** Lets it go on. */
    void thaw(String part) {
        signal(part, "CONT");
    }

    /** As an operator's command does it. */
    void flushRedis() {
        run(List.of("redis-cli", "-p", Integer.toString(port("redis")), "flushall"));
    }

    int port(String part) {
        return Integer.parseInt(read(part + ".port"));
    }

    /** A node, from 1 on. */
    Server node(int number) {
        return server("node" + number);
    }

    /** Everything, by nginx. */
    Server nginx() {
        return server("nginx");
    }

    private Server server(String part) {
        try {
            return new Server(URI.create("http://127.0.0.1:" + port(part) + "/").toURL());
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The parts' logs, for whoever has to find out what happened. */
    String logs() {
        StringBuilder all = new StringBuilder();
        for (int k = 1; k <= nodes; k++) {
            List<String> lines = read("node" + k + ".log").lines().toList();
            all.append("node").append(k).append(":\n");
            lines.stream().skip(Math.max(0, lines.size() - 40)).forEach(line -> all.append(line)
                    .append('\n'));
        }
        return all.toString();
    }

    /** To the part and all that it has started: PostgreSQL's processes have groups of their own. */
    private void signal(String part, String name) {
        ProcessHandle leader =
                ProcessHandle.of(Long.parseLong(read(part + ".pid"))).orElseThrow();
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        Stream.concat(Stream.of(leader), leader.descendants())
                .map(process -> Long.toString(process.pid()))
                .forEach(command::add);
        run(command);
    }

    private boolean isRunning(String part) {
        long group = Long.parseLong(read(part + ".pid"));
        return ProcessHandle.of(group).filter(ProcessHandle::isAlive).isPresent();
    }

    private String read(String file) {
        try {
            return Files.readString(folder.resolve(file), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void script(String command, String... parts) {
        List<String> line = new ArrayList<>(List.of("bash", SCRIPT.toString(), command, folder.toString()));
        line.addAll(List.of(parts));
        run(line);
    }

    private void run(List<String> command) {
        Path output = folder.resolve("command.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(settings);
        try {
            Process process = builder.start();
            if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        String.join(" ", command) + ": " + Files.readString(output, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        for (String part : Stream.concat(
                        Stream.of("nginx", "redis", "postgres"),
                        java.util.stream.IntStream.rangeClosed(1, nodes).mapToObj(k -> "node" + k))
                .toList()) {
            if (Files.exists(folder.resolve(part + ".pid")) && isRunning(part)) {
                signal(part, "KILL");
                Server.await(part + " is gone", java.time.Duration.ofSeconds(10), () -> !isRunning(part));
            }
        }
    }
}
