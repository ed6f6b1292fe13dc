package org.draugar.launcher;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts Draugar from its uberjar, in a Java of its own with the options that suit a small server at home: a jar cannot
 * say them by itself. What this one was started with, such as {@code -Xmx1g}, goes to that one too and has the last
 * word. This process then only waits: it ends as the server ends, and hands on that it is to stop.
 */
public final class Launcher {
    /** Marks the process that serves. */
    private static final String SERVER = "draugar.server";

    /** Enough for a thousand connections; more would only be filled before it is cleaned up. */
    private static final long MOST_HEAP_MB = 512;

    /** Longer than the patience of the server itself. */
    private static final int STOP_SECONDS = 25;

    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
        if (System.getProperty(SERVER) != null) {
            Server.run();
            return;
        }
        Process server = start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
        System.exit(server.waitFor());
    }

    private static Process start() throws IOException, URISyntaxException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // A quarter of the memory, as Java takes by itself, but not of a large one.
        command.add("-Xmx" + Math.min(MOST_HEAP_MB, Runtime.getRuntime().maxMemory() >> 20) + "m");
        // So much it has after the start; from less, it would grow by one full collection after the other.
        command.add("-XX:MetaspaceSize=128m");
        // This application is never taken out, so its classes stay: to look through them stops everybody for 20 ms.
        command.add("-XX:-ClassUnloadingWithConcurrentMark");
        // Else what the store writes at once counts as huge, and the collector goes through the whole heap each time.
        command.add("-XX:G1HeapRegionSize=2m");
        // A server that goes on without memory keeps no promise.
        command.add("-XX:+ExitOnOutOfMemoryError");
        // What this one was given, on its command line or by JAVA_TOOL_OPTIONS.
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-D" + SERVER);
        command.add("-jar");
        command.add(Path.of(Launcher.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString());
        return new ProcessBuilder(command)
                .inheritIO()
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .start();
    }

    private static void stop(Process server) {
        server.destroy();
        try {
            if (!server.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        } catch (InterruptedException e) {
            server.destroyForcibly();
        }
    }
}
