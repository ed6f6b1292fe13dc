package org.draugar.launcher;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * Starts Draugar from its uberjar, {@linkplain Unpacked unpacked} and in a Java of its own with the options that suit the
 * machine: a jar cannot say them by itself. What this one was started with, such as {@code -Xmx1g}, goes to that one too
 * and has the last word. This process then waits: it ends as the server ends, and hands on that it is to stop.
 *
 * <p>A service has no use for a Java that waits. With {@code --prepare} this one only says what the server's Java is to be
 * started with, and a script becomes that ({@code server-config/unix/draugar}).
 */
public final class Launcher {
    /** Marks the process that serves. */
    private static final String SERVER = "draugar.server";

    /** How many times as often as usual something has run before Java's optimising compiler takes it up. */
    private static final int LATER = 10;

    /** What this one was given, on its command line or by {@code JAVA_TOOL_OPTIONS}. */
    private static final List<String> OPTIONS =
            ManagementFactory.getRuntimeMXBean().getInputArguments();

    /** {@code EX_USAGE} of sysexits.h. */
    private static final int USAGE = 64;

    /** Longer than the patience of the server itself. */
    private static final int STOP_SECONDS = 25;

    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
        if (System.getProperty(SERVER) != null) {
            Server.run(jar());
        } else if (arguments.length == 0) {
            launch();
        } else {
            answer(String.join(" ", arguments));
        }
    }

    private static void launch() throws Exception {
        Unpacked unpacked = Unpacked.of(jar());
        List<String> options = options(unpacked);
        AtomicReference<Process> server = new AtomicReference<>(start(options, List.of()));
        Runnable end = () -> {
            stop(server.get());
            unpacked.end();
        };
        if (!Server.atExit(end)) {
            end.run();
            return;
        }
        int status = server.get().waitFor();
        if (status == Server.TRY_AGAIN) {
            server.set(start(options, List.of("-D" + Server.AGAIN)));
            status = server.get().waitFor();
        }
        System.exit(status);
    }

    private static Path jar() throws Exception {
        return Path.of(Launcher.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static void answer(String arguments) throws Exception {
        switch (arguments) {
            case "--version" ->
                System.out.println("Draugar " + Launcher.class.getPackage().getImplementationVersion());
            case "--prepare" -> System.out.println(prepare());
            default -> {
                System.err.println("Expected --version or nothing, but found \"" + arguments
                        + "\"; settings are environment variables such as DRAUGAR_PORT=3001");
                System.exit(USAGE);
            }
        }
    }

    /**
     * Unpacks, and says what the server's Java is started with, as words of the shell. Where nothing can be kept there is
     * nothing to say: somebody must wait for the server, to delete what was unpacked.
     */
    private static String prepare() throws Exception {
        Unpacked unpacked = Unpacked.of(jar());
        if (!unpacked.kept()) {
            unpacked.end();
            return "";
        }
        return options(unpacked).stream()
                .map(option -> "'" + option.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    /** All that the server's Java is started with. */
    private static List<String> options(Unpacked unpacked) {
        List<String> collector = Memory.collector(OPTIONS);
        List<String> options = new ArrayList<>(collector);
        options.addAll(Memory.options());
        // Tyrus writes a number for its log, which is off, with each message; elsewhere Java looks up the digits each
        // time.
        options.add("-Duser.language=en");
        options.add("-Duser.country=US");
        // A server that goes on without memory keeps no promise.
        options.add("-XX:+ExitOnOutOfMemoryError");
        // To compile at once what a start calls a few thousand times takes half of the start.
        options.add("-XX:Tier4InvocationThreshold=" + 5_000 * LATER);
        options.add("-XX:Tier4MinInvocationThreshold=" + 600 * LATER);
        options.add("-XX:Tier4CompileThreshold=" + 15_000 * LATER);
        options.add("-XX:Tier4BackEdgeThreshold=" + 40_000 * LATER);
        options.addAll(ClassArchive.options(unpacked, collector, OPTIONS));
        options.addAll(OPTIONS);
        // Where Payara finds itself and the application, and that its jars are beside it.
        options.add("-Dfish.payara.micro.BootJar=" + unpacked.jar().toUri());
        options.add("-Dfish.payara.micro.UnpackDir=" + unpacked.folder());
        options.add("-D" + SERVER);
        options.add("-jar");
        options.add(unpacked.jar().toString());
        return options;
    }

    private static Process start(List<String> options, List<String> more) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-D" + Server.LAUNCHED);
        command.addAll(more);
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO().redirectInput(ProcessBuilder.Redirect.PIPE);
        // Else the C library keeps a heap of its own for each thread, some 20 MB in all.
        builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "2");
        return builder.start();
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
