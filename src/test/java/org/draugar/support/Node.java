package org.draugar.support;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Programs of Node's, with the packages that they need. Tests that need them are skipped where there is no Node. */
public final class Node {
    private final Path folder;

    private Node(Path folder) {
        this.folder = folder;
    }

    /** What a program said. */
    public record Ran(int status, String output) {}

    /**
     * Makes a folder ready below {@code target}.
     *
     * @param name of the folder among the test resources, with a {@code package.json} and its lock
     * @param files what else it holds
     */
    public static Node install(String name, String... files) {
        try {
            Path folder = Path.of("target", name);
            Files.createDirectories(folder);
            Node node = new Node(folder);
            boolean changed = node.copy(name, "package-lock.json");
            node.copy(name, "package.json");
            for (String file : files) {
                node.copy(name, file);
            }
            if (changed || !Files.exists(folder.resolve("node_modules"))) {
                Ran npm = node.run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0");
                if (npm.status() != 0) {
                    abort("Skipped: npm could not install what is needed. " + npm.output());
                }
            }
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path folder() {
        return folder;
    }

    /** Runs a program to its end. */
    public Ran run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output.txt").toFile())
                    .start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return new Ran(-1, command[0] + " takes longer than two minutes");
            }
            return new Ran(process.exitValue(), Files.readString(folder.resolve("output.txt"), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return abort("Skipped: " + command[0] + " is not installed");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts a program that is talked to. */
    public Process start(String... command) {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(folder.resolve("errors.txt").toFile())
                    .start();
        } catch (IOException e) {
            return abort("Skipped: " + command[0] + " is not installed");
        }
    }

    private boolean copy(String name, String file) throws IOException {
        try (InputStream source = Node.class.getResourceAsStream("/" + name + "/" + file)) {
            byte[] wanted = source.readAllBytes();
            Path target = folder.resolve(file);
            if (Files.exists(target) && Arrays.equals(Files.readAllBytes(target), wanted)) {
                return false;
            }
            Files.write(target, wanted);
            return true;
        }
    }
}
