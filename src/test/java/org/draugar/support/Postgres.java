package org.draugar.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL of its own in a temporary folder, from the programs that are installed here. */
public final class Postgres implements AutoCloseable {
    private final Path programs;
    private final Path folder;
    private final int port;
    private final Process process;

    private Postgres(Path programs, Path folder, int port, Process process) {
        this.programs = programs;
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
        try {
            for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
                Path program = Path.of(folder, "initdb");
                if (Files.isExecutable(program)) {
                    return Optional.of(program.toRealPath().getParent());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
            Postgres postgres = new Postgres(programs, folder, port, server);
            Server.await("PostgreSQL is ready", Duration.ofSeconds(30), () -> {
                try (Connection connection = postgres.connect()) {
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
        return database(name, "template1");
    }

    /** As above. @param template the database whose copy it is, which nobody may be using */
    Map<String, String> database(String name, String template) {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            // From a test that is run a second time.
            statement.execute("drop database if exists " + name + " with (force)");
            statement.execute("create database " + name + " template " + template);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return Map.of("DRAUGAR_DATABASE_URL", url(name), "DRAUGAR_DATABASE_USER", "draugar");
    }

    /** Runs one of PostgreSQL's programs, such as {@code pg_dump}, as somebody who may do everything here. */
    public String run(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(programs.resolve(program).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of("PGHOST", "127.0.0.1", "PGPORT", Integer.toString(port), "PGUSER", "draugar"));
        try {
            Process running = builder.start();
            String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (running.waitFor() != 0) {
                throw new IllegalStateException(program + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many bytes a table takes. */
    public long size(String database, String table) {
        return Long.parseLong(query(database, "select pg_total_relation_size('" + table + "')"));
    }

    /** Whether the files of the tables of a database hold a text. */
    public boolean tablesContain(String database, String text) {
        query(database, "checkpoint");
        String oid = query(database, "select oid from pg_database where datname = current_database()");
        try (Stream<Path> files = Files.list(folder.resolve("data/base").resolve(oid))) {
            return files.anyMatch(file -> read(file).contains(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            // It was rewritten meanwhile, and the new one is another.
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a database answers to one statement. */
    public String query(String database, String sql) {
        return run("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command=" + sql, database)
                .strip();
    }

    private Connection connect() throws SQLException {
        // Not by the DriverManager, from which a store that closes takes its drivers away.
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(url("postgres"));
        source.setUser("draugar");
        return source.getConnection();
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
