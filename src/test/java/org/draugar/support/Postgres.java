package org.draugar.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A PostgreSQL of its own in a temporary folder, from the programs that are installed here. */
public final class Postgres implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final Process process;

    private Postgres(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Starts one; empty where PostgreSQL is not installed. */
    public static Optional<Postgres> start() {
        return programs().map(Postgres::start);
    }

    /** The folder with the programs. */
    private static Optional<Path> programs() {
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(folder, "initdb"))) {
                return Optional.of(Path.of(folder));
            }
        }
        // Debian keeps each version apart, and none on the path.
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Postgres start(Path programs) {
        try {
            Path folder = Files.createTempDirectory(
                    "draugar-postgres",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxrwxrwx")));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            int port;
            try (ServerSocket socket = new ServerSocket(0)) {
                port = socket.getLocalPort();
            }
            Path data = folder.resolve("data");
            Process init = run(
                    folder,
                    programs.resolve("initdb") + "",
                    "-D",
                    data + "",
                    "-U",
                    "draugar",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8");
            if (init.waitFor() != 0) {
                throw new IllegalStateException("initdb failed; see " + folder.resolve("log"));
            }
            Process server = run(
                    folder,
                    programs.resolve("postgres") + "",
                    "-D",
                    data + "",
                    "-p",
                    port + "",
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "unix_socket_directories=" + folder);
            Postgres postgres = new Postgres(folder, port, server);
            Server.await("PostgreSQL is ready", Duration.ofSeconds(30), () -> {
                try (Connection connection = DriverManager.getConnection(postgres.url("postgres"), "draugar", "")) {
                    return connection.isValid(5);
                } catch (SQLException e) {
                    return false;
                }
            });
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Process run(Path folder, String... command) throws IOException {
        List<String> line = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            // PostgreSQL refuses to run as root.
            line.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        line.addAll(List.of(command));
        return new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    /** Creates an empty database: the settings with which Draugar uses it. */
    public Map<String, String> database(String name) {
        try (Connection connection = DriverManager.getConnection(url("postgres"), "draugar", "");
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return Map.of("DRAUGAR_DATABASE_URL", url(name), "DRAUGAR_DATABASE_USER", "draugar");
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Stops every process of it where it is, as when its disk hangs. */
    public void freeze() {
        signal("STOP");
    }

    /** Lets it go on. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name, process.pid() + ""));
        process.descendants().forEach(child -> command.add(child.pid() + ""));
        try {
            new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        thaw();
        // SIGTERM would wait for every client to leave.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try (Stream<Path> files = Files.walk(folder)) {
            process.waitFor();
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
