package org.draugar;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code target/draugar.jar} as a child of this process that ends with it. A bare {@code mvn} starts this. */
public final class UberJar {
    private static final long PATIENCE_SECONDS = 30;

    private UberJar() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int status = start(command()).waitFor();
        if (status != 0) {
            // The child has said why in one line; Maven's account of it would only bury that.
            System.exit(status);
        }
    }

    /** The command that starts the uberjar with this process's own Java and its settings. */
    public static ProcessBuilder command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        System.getProperties().stringPropertyNames().stream()
                .filter(property -> property.startsWith("draugar."))
                .forEach(property -> command.add("-D" + property + "=" + System.getProperty(property)));
        command.add("-jar");
        command.add(Path.of("target", "draugar.jar").toString());
        return new ProcessBuilder(command).inheritIO();
    }

    /** Starts a child that is gone before this process is, so that its port and its store are free again by then. */
    public static Process start(ProcessBuilder command) throws IOException {
        Process child = command.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(child)));
        return child;
    }

    /** Asks the child to stop and waits until it has. */
    public static void stop(Process child) {
        child.destroy();
        try {
            if (!child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                child.destroyForcibly();
            }
        } catch (InterruptedException e) {
            child.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
