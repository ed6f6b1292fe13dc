package org.draugar.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Draugar server as a process of its own, with a port of its own, as people run it: it can be killed. */
public final class ServerProcess implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** How the servers of tests compile; empty where servers are measured. */
    private static final String COMPILER = System.getProperty("it.compiler", "");

    /** The server that the build tests. */
    public static final String CONTAINER = System.getProperty("draugar.container", "payara-micro");

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static final Path WAR = Path.of("target", "draugar.war");
    private static final String HEAP = "512m";

    /** Where the jar unpacks itself: not among the versions that a person on this machine runs. */
    public static final Path CACHE = Path.of("target", "cache").toAbsolutePath();

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final int port;
    private final Path data;
    private final Process process;
    private final Thread reader;
    private final ServerLog log;
    private volatile boolean unread;

    private ServerProcess(
            List<String> command, int port, String heap, Map<String, String> settings, ServerLog.Format format) {
        log = new ServerLog(format);
        // A test may want it back where it was before.
        this.port = Integer.parseInt(settings.getOrDefault("DRAUGAR_PORT", Integer.toString(port)));
        this.data = Path.of(settings.getOrDefault("DRAUGAR_DATA", "data"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DRAUGAR_PORT", Integer.toString(port));
        builder.environment().put("DRAUGAR_HOST", "127.0.0.1");
        // Makes WildFly's script hand on what it is asked.
        builder.environment().put("LAUNCH_JBOSS_IN_BACKGROUND", "true");
        builder.environment().put("PREPEND_JAVA_OPTS", COMPILER);
        // As docs/operations.md says, but for the heap: its script's own keep it from IPv6.
        builder.environment().put("JAVA_OPTS", "-Xms64m -Xmx" + heap);
        builder.environment().put("DRAUGAR_CACHE", CACHE.toString());
        builder.environment().putAll(settings);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = new Thread(() -> {
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    log.add(line);
                    awaitReading();
                }
            } catch (IOException | UncheckedIOException e) {
                // The process has ended.
            } finally {
                log.end();
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts {@code target/draugar.jar}. */
    public static ServerProcess jar(Map<String, String> settings) {
        return jar(HEAP, settings);
    }

    /** The same with none of the options that make tests quick. */
    public static ServerProcess jarAsShipped(Map<String, String> settings) {
        return new ServerProcess(
                List.of(JAVA, "-jar", "target/draugar.jar"), freePort(), HEAP, settings, ServerLog.Format.DRAUGAR);
    }

    /** Starts the jar by another command. @param settings its port, as the command knows it */
    public static ServerProcess other(List<String> command, Map<String, String> settings) {
        return new ServerProcess(command, freePort(), HEAP, settings, ServerLog.Format.DRAUGAR);
    }

    private static ServerProcess jar(String heap, Map<String, String> settings) {
        return new ServerProcess(
                java("-Xmx" + heap, "-jar", "target/draugar.jar"),
                freePort(),
                heap,
                settings,
                ServerLog.Format.DRAUGAR);
    }

    /** Starts a WAR in the Payara Micro that the build has put together, as Arquillian does. */
    public static ServerProcess payaraMicro(Path war) {
        return payaraMicro("target/payara-micro.jar", war, Map.of(), ServerLog.Format.DRAUGAR);
    }

    /** Starts a WAR in the Payara Micro that the build changes, as it was before. */
    public static ServerProcess stockPayaraMicro(Path war, Map<String, String> settings) {
        return payaraMicro("target/server/payara-micro.jar", war, settings, ServerLog.Format.STOCK);
    }

    private static ServerProcess payaraMicro(
            String jar, Path war, Map<String, String> settings, ServerLog.Format format) {
        int port = freePort();
        return new ServerProcess(
                java(
                        "-Ddraugar.host=127.0.0.1",
                        "-jar",
                        jar,
                        "--nohazelcast",
                        "--port",
                        Integer.toString(port),
                        "--contextroot",
                        "/",
                        "--deploy",
                        war.toString()),
                port,
                HEAP,
                settings,
                format);
    }

    /**
     * Starts {@code target/draugar.war} in the WildFly that the build has prepared.
     *
     * @param base an empty folder for what this one writes
     */
    public static ServerProcess wildfly(Path base, Map<String, String> settings) {
        return wildfly(base, WAR, HEAP, settings);
    }

    private static ServerProcess wildfly(Path base, Path war, String heap, Map<String, String> settings) {
        Path home = Path.of(System.getProperty("it.server")).toAbsolutePath();
        try (Stream<Path> configuration = Files.list(home.resolve("standalone/configuration"))) {
            Path copy = Files.createDirectories(base.resolve("configuration"));
            for (Path file : configuration.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
            // What Arquillian has deployed right now is in the original.
            Path configured = copy.resolve("standalone.xml");
            Files.writeString(
                    configured, Files.readString(configured).replaceFirst("(?s)<deployments>.*</deployments>", ""));
            Files.copy(
                    war,
                    Files.createDirectories(base.resolve("deployments")).resolve(war.getFileName()),
                    StandardCopyOption.REPLACE_EXISTING);
            // Lets the scanner deploy again after a kill left its marks.
            try (Stream<Path> marks = Files.list(base.resolve("deployments"))) {
                for (Path mark :
                        marks.filter(f -> !f.endsWith(war.getFileName())).toList()) {
                    Files.delete(mark);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ServerProcess(
                List.of(
                        home.resolve("bin/standalone.sh").toString(),
                        "-Djboss.server.base.dir=" + base.toAbsolutePath(),
                        "-Djboss.management.http.port=" + freePort()),
                freePort(),
                heap,
                settings,
                ServerLog.Format.WILDFLY);
    }

    /** A WAR in a copy of the domain that the build has prepared, with ports of its own. */
    private static ServerProcess payaraServer(Path base, Path war, String heap, Map<String, String> settings) {
        Path home = Path.of(System.getProperty("it.server"), "glassfish").toAbsolutePath();
        Path domain = base.toAbsolutePath().resolve("domain1");
        int port = Integer.parseInt(settings.getOrDefault("DRAUGAR_PORT", Integer.toString(freePort())));
        try {
            if (!Files.exists(domain)) {
                copy(home.resolve("domains/domain1"), domain);
                Files.writeString(
                        domain.resolve("config/domain.xml"),
                        domainXml(Files.readString(domain.resolve("config/domain.xml")), heap));
            }
            // A lock file, or the mark of a deployment, from a server that was killed.
            try (Stream<Path> left = Files.list(domain.resolve("autodeploy"))) {
                for (Path file : left.filter(Files::isRegularFile).toList()) {
                    Files.delete(file);
                }
            }
            Path configured = domain.resolve("config/domain.xml");
            Files.writeString(
                    configured,
                    Files.readString(configured)
                            .replaceAll("(?s)<applications>.*?</applications>", "<applications></applications>")
                            .replaceAll("<application-ref ref=\"(?!__)[^>]*></application-ref>", "")
                            .replaceAll("(name=\"draugar.port\" value=)\"\\d+\"", "$1\"" + port + "\""));
            Files.copy(war, domain.resolve("autodeploy").resolve(war.getFileName()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ServerProcess(
                java(
                        "-jar",
                        home.resolve("lib/client/appserver-cli.jar").toString(),
                        "start-domain",
                        "--verbose",
                        "--domaindir",
                        base.toAbsolutePath().toString(),
                        "domain1"),
                port,
                heap,
                settings,
                ServerLog.Format.PAYARA);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** With ports that are free, the heap asked for, and none of the settings that are for Arquillian's own server. */
    private static String domainXml(String xml, String heap) {
        String free = Pattern.compile(
                        "(?:(?:listener|connector) [^>]*port=\"|telnet\\.port=|JMS_PROVIDER_PORT\"[^>]* value=\")\\d+")
                .matcher(xml)
                .replaceAll(found ->
                        Matcher.quoteReplacement(found.group().replaceFirst("\\d+$", Integer.toString(freePort()))));
        return free.replaceAll("<system-property name=\"draugar\\.(?!port)[^>]*></system-property>", "")
                .replaceAll("-Xmx\\w+", "-Xmx" + heap);
    }

    /**
     * Starts Draugar on the server that the build tests: in WildFly, in Payara Server, or else as the jar.
     *
     * @param base a folder for what that server writes itself
     */
    public static ServerProcess start(Path base, Map<String, String> settings) {
        return start(base, HEAP, settings);
    }

    /** As above. @param heap the most that it may take, such as {@code 256m} */
    public static ServerProcess start(Path base, String heap, Map<String, String> settings) {
        return switch (CONTAINER) {
            case "wildfly" -> wildfly(base, WAR, heap, settings);
            case "payara-server" -> payaraServer(base, WAR, heap, settings);
            default -> jar(heap, settings);
        };
    }

    /** Starts another application than Draugar on the server that the build tests. */
    public static ServerProcess start(Path base, Path war) {
        return switch (CONTAINER) {
            case "wildfly" -> wildfly(base, war, HEAP, Map.of());
            case "payara-server" -> payaraServer(base, war, HEAP, Map.of());
            default -> payaraMicro(war);
        };
    }

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(JAVA);
        if (!COMPILER.isEmpty()) {
            command.addAll(List.of(COMPILER.split(" ")));
            // With an option about archives, the jar makes none: each start would begin one, and be ended over it.
            command.add("-Xshare:auto");
        }
        command.addAll(List.of(arguments));
        return command;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of its embedded store. */
    public Path data() {
        return data;
    }

    public int port() {
        return port;
    }

    /** The archives of classes that first starts of the jar have made. */
    public static List<Path> classArchives(Path cache) {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(file -> file.toString().endsWith(".jsa")).toList();
        } catch (IOException | UncheckedIOException e) {
            // What it needs to make one has just been deleted.
            return List.of();
        }
    }

    /** The process that serves: a server may be the child of a script. */
    public ProcessHandle handle() {
        // The jar's launcher may be making an archive of classes in another Java.
        return process.descendants()
                .filter(child -> child.info()
                        .commandLine()
                        .filter(line -> line.contains("-Xshare:dump"))
                        .isEmpty())
                .reduce((parent, child) -> child)
                .orElse(process.toHandle());
    }

    /** What it has printed. */
    public ServerLog log() {
        return log;
    }

    /** What it has printed, as far as it was waited for. */
    public List<String> seen() {
        return log.seen();
    }

    /** The server, once it answers. */
    public Server awaitReady() {
        return awaitReady("/api/health");
    }

    /** The server, once it answers to a path with 200. */
    public Server awaitReady(String path) {
        HttpRequest health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        Server.await("the server is ready", PATIENCE, () -> {
            assertThat(process.isAlive()).as("the server runs: %s", log.all()).isTrue();
            try {
                return HTTP.send(health, BodyHandlers.discarding()).statusCode() == 200;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            return new Server(URI.create("http://127.0.0.1:" + port + "/").toURL());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves what it prints unread from now on, as a terminal that is paused. */
    public void pauseReading() {
        unread = true;
    }

    /** Reads on. */
    public synchronized void resumeReading() {
        unread = false;
        notifyAll();
    }

    private synchronized void awaitReading() {
        try {
            while (unread) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for a line that it prints. */
    public String awaitLine(String part) {
        return log.await(part, PATIENCE);
    }

    /** Asks it to end. */
    public void stop() {
        // Not the process's own destroy, which also closes what it prints to. WildFly's script hands it on, asadmin
        // does
        // not.
        (CONTAINER.equals("payara-server") ? handle() : process.toHandle()).destroy();
    }

    /** Ends it between two instructions, as {@code kill -9} does. */
    public void kill() {
        // The server may be the child of a script.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        awaitExit();
    }

    /** Everything that it has printed, once it has ended. */
    public List<String> awaitEnd() {
        resumeReading();
        awaitExit();
        try {
            reader.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return log.all();
    }

    /** Its exit code, once it has ended. */
    public int awaitExit() {
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("it has ended").isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    /** Ends it, and fails where it has said what a healthy server does not say. */
    @Override
    public void close() {
        kill();
        assertThat(log.unexpected()).as("trouble that the server logged").isEmpty();
    }
}
