package org.draugar.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A Redis of its own on a free port, from the program that is installed here: it keeps nothing on the disk. */
public final class Redis implements AutoCloseable {
    private final int port;
    private final Path folder;
    private final List<String> options;
    private Process process;

    private Redis(int port, Path folder, List<String> options) {
        this.port = port;
        this.folder = folder;
        this.options = options;
    }

    /**
     * Starts one; where it is not installed, the test is skipped with a plain word.
     *
     * @param options as on its command line: a file of settings first, where there is one
     */
    public static Redis start(String... options) {
        assumeTrue(isInstalled("redis-server"), "redis-server is not installed");
        try (ServerSocket socket = new ServerSocket(0)) {
            Redis redis =
                    new Redis(socket.getLocalPort(), Files.createTempDirectory("draugar-redis"), List.of(options));
            socket.close();
            redis.restart();
            return redis;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    public int port() {
        return port;
    }

    /** For {@code DRAUGAR_CLUSTER}. */
    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Starts it again after it was killed. */
    public void restart() {
        List<String> command = new ArrayList<>(List.of("redis-server"));
        command.addAll(options);
        command.addAll(List.of("--port", port + "", "--bind", "127.0.0.1", "--save", "", "--dir", folder + ""));
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Server.await("Redis is ready", Duration.ofSeconds(30), () -> ask("PING").matches("(?s)(\\+PONG|-NOAUTH).*"));
    }

    /** As {@code kill -9}. */
    public void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops it where it is: its connections stay open, and nothing comes over them. */
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, process.pid() + "").start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How long it has kept a processor busy. */
    public long cpuNanos() {
        return process.info().totalCpuDuration().orElseThrow().toNanos();
    }

    /** What it answers to one command, as it comes over the wire; nothing when it is away. */
    public String ask(String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2_000);
            OutputStream out = socket.getOutputStream();
            out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
