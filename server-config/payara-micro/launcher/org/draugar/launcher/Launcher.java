package org.draugar.launcher;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Starts Draugar from its uberjar, {@linkplain Unpacked unpacked} and in a Java of its own with the options that suit a
 * small server at home: a jar cannot say them by itself. What this one was started with, such as {@code -Xmx1g}, goes to
 * that one too and has the last word. This process then waits: it ends as the server ends, and hands on that it is
 * to stop.
 */
public final class Launcher {
    /** Marks the process that serves. */
    private static final String SERVER = "draugar.server";

    /** Enough for a thousand connections; more would only be filled before it is cleaned up. */
    private static final long MOST_HEAP_MB = 512;

    /** How many times as often as usual something has run before Java's optimising compiler takes it up. */
    private static final int LATER = 10;

    /** What this one was given, on its command line or by {@code JAVA_TOOL_OPTIONS}. */
    private static final List<String> OPTIONS =
            ManagementFactory.getRuntimeMXBean().getInputArguments();

    /** Longer than the patience of the server itself. */
    private static final int STOP_SECONDS = 25;

    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
        if (System.getProperty(SERVER) != null) {
            Server.run();
            return;
        }
        Unpacked unpacked = Unpacked.of(Path.of(Launcher.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI()));
        ClassArchive classes = new ClassArchive(unpacked, OPTIONS);
        AtomicReference<Process> server = new AtomicReference<>(start(unpacked, classes, List.of()));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop(server.get());
            classes.end();
            unpacked.end();
        }));
        classes.make(server.get());
        int status = server.get().waitFor();
        if (status == Server.TRY_AGAIN) {
            server.set(start(unpacked, classes, List.of("-D" + Server.AGAIN)));
            classes.make(server.get());
            status = server.get().waitFor();
        }
        System.exit(status);
    }

    private static Process start(Unpacked unpacked, ClassArchive classes, List<String> more) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // A quarter of the memory, as Java takes by itself, but not of a large one.
        command.add("-Xmx" + Math.min(MOST_HEAP_MB, Runtime.getRuntime().maxMemory() >> 20) + "m");
        // Rather more heap, up to the most, than more than 2 of 100 for collecting it. Java alone allows for 8: on a
        // small machine, where it begins with little, it would mark without end.
        command.add("-XX:GCTimeRatio=49");
        // So much it has after the start; from less, it would grow by one full collection after the other.
        command.add("-XX:MetaspaceSize=128m");
        // This application is never taken out, so its classes stay: to look through them stops everybody for 20 ms.
        command.add("-XX:-ClassUnloadingWithConcurrentMark");
        // Else what the store writes at once counts as huge, and the collector goes through the whole heap each time.
        command.add("-XX:G1HeapRegionSize=2m");
        // Tyrus writes a number for its log, which is off, with each message; elsewhere Java looks up the digits each
        // time.
        command.add("-Duser.language=en");
        command.add("-Duser.country=US");
        // A server that goes on without memory keeps no promise.
        command.add("-XX:+ExitOnOutOfMemoryError");
        // To compile at once what a start calls a few thousand times takes half of the start.
        command.add("-XX:Tier4InvocationThreshold=" + 5_000 * LATER);
        command.add("-XX:Tier4MinInvocationThreshold=" + 600 * LATER);
        command.add("-XX:Tier4CompileThreshold=" + 15_000 * LATER);
        command.add("-XX:Tier4BackEdgeThreshold=" + 40_000 * LATER);
        command.addAll(classes.options());
        command.addAll(OPTIONS);
        command.addAll(more);
        // Where Payara finds itself and the application, and that its jars are beside it.
        command.add("-Dfish.payara.micro.BootJar=" + unpacked.jar().toUri());
        command.add("-Dfish.payara.micro.UnpackDir=" + unpacked.folder());
        command.add("-D" + SERVER);
        command.add("-jar");
        command.add(unpacked.jar().toString());
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
