package org.draugar.launcher;

import fish.payara.micro.PayaraMicroRuntime;
import fish.payara.micro.boot.PayaraMicroBoot;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * Runs Draugar from its uberjar, in the process that {@link Launcher} has started for it.
 *
 * <p>Payara Micro alone would try the next port when one is taken, go on without the application when that fails to
 * start, and print hundreds of lines. This says what a person needs to know, and stops with one line when something is
 * wrong.
 */
final class Server {
    /** {@code EX_CONFIG} of sysexits.h: a setting cannot be used, so starting again will not help. */
    private static final int UNUSABLE_SETTING = 78;

    private static final int FAILED = 1;

    /** {@code EX_TEMPFAIL}: the server that Draugar runs in did not come up, before Draugar had any part in it. */
    static final int TRY_AGAIN = 75;

    /** Tells the server that its launcher waits for it. */
    static final String LAUNCHED = "draugar.launched";

    /** Tells the second process that it is the second. */
    static final String AGAIN = "draugar.again";

    /** How long a stop may take before the process ends anyway: shorter than the patience of systemd. */
    private static final int STOP_SECONDS = 20;

    /** Held here because a logger that nobody holds is collected, and its filter with it. */
    private static Logger payaraMicro;

    /** Whether the last line has been said: the hooks that run after it must not add to it. */
    private static volatile boolean failed;

    /** Whether somebody has ended it: what fails from then on, fails because of that. */
    private static volatile boolean stopping;

    private Server() {}

    /** @param jar that this is started from, unpacked */
    static void run(Path jar) throws Exception {
        String host = setting("DRAUGAR_HOST").orElse("");
        int port = usablePort(host, setting("DRAUGAR_PORT").orElse("3001"));
        requireOwnName();
        new Unpacked(jar.getParent(), true).use();
        Console.println("Draugar is starting …");
        Memory.trouble().ifPresent(line -> stop(UNUSABLE_SETTING, line));
        Console.println(Memory.said());
        Console.takeOver();

        // Before the first use of logging, which would choose Java's own for good.
        System.setProperty("java.util.logging.manager", Logs.class.getName());
        readLogging();
        ConsoleLog.holdBackProblems();
        // The pre-boot commands read it: Payara Micro has no option for the address it listens on.
        System.setProperty("draugar.host", host.isEmpty() ? "0.0.0.0" : host);
        stopGracefully();
        if (System.getProperty(LAUNCHED) != null) {
            stopWithLauncher();
        }

        try {
            String[] options = {"--port", Integer.toString(port), "--nohazelcast", "--disablephonehome"};
            PayaraMicroBoot payara = (PayaraMicroBoot) Class.forName("fish.payara.micro.impl.PayaraMicroImpl")
                    .getMethod("create", String[].class)
                    .invoke(null, (Object) options);
            PayaraMicroRuntime server = payara.getRuntime();
            // Not getDeployedApplicationNames, which counts an application that failed to start.
            if (server.getLocalDescriptor().getDeployedApplications().isEmpty()) {
                fail();
            }
        } catch (Exception e) {
            ConsoleLog.problem(e);
            fail();
        }
        awaitAnswer(host, port);
        if (stopping) {
            return;
        }
        ConsoleLog.showProblems();
        Console.println("Draugar is ready: http://" + (host.isEmpty() ? "localhost" : inUrl(host)) + ":" + port + "/");
        ClassArchive.make(jar);
    }

    static Optional<String> setting(String variable) {
        String property = System.getProperty(variable.toLowerCase(Locale.ROOT).replace('_', '.'));
        return Optional.ofNullable(property != null ? property : System.getenv(variable))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static int usablePort(String host, String value) {
        String found = "found \"" + value + "\"";
        if (value.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(value);
            if (port >= 1 && port <= 65535) {
                try {
                    InetSocketAddress address = host.isEmpty()
                            ? new InetSocketAddress(port)
                            : new InetSocketAddress(InetAddress.getByName(host), port);
                    try (ServerSocket socket = new ServerSocket()) {
                        socket.bind(address);
                    }
                    return port;
                } catch (UnknownHostException e) {
                    stop(
                            UNUSABLE_SETTING,
                            "DRAUGAR_HOST: expected an address of this machine, but found \"" + host + "\"");
                } catch (IOException e) {
                    found = reason(e, host, port);
                }
            }
        }
        stop(UNUSABLE_SETTING, "DRAUGAR_PORT: expected a free port from 1 to 65535, but " + found);
        return -1;
    }

    /** Payara asks for this machine's address by its name, and does not start without an answer. */
    private static void requireOwnName() {
        try {
            InetAddress.getLocalHost();
        } catch (UnknownHostException e) {
            // Java says "<name>: <reason>".
            String name = String.valueOf(e.getMessage()).split(":", 2)[0];
            stop(
                    UNUSABLE_SETTING,
                    "This machine does not know its own name: add the line \"127.0.1.1 " + name + "\" to /etc/hosts");
        }
    }

    private static String reason(IOException e, String host, int port) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("permission")) {
            return port + " is reserved for the administrator";
        }
        if (message.contains("assign")) {
            stop(UNUSABLE_SETTING, "DRAUGAR_HOST: expected an address of this machine, but found \"" + host + "\"");
        }
        return port + " is in use";
    }

    /** Quiet from the first line on: Payara Micro reads the same file again, but only once it has unpacked itself. */
    private static void readLogging() throws IOException {
        try (InputStream properties = Server.class.getResourceAsStream("/MICRO-INF/domain/logging.properties")) {
            LogManager.getLogManager().readConfiguration(properties);
        }
    }

    private static void awaitAnswer(String host, int port) throws InterruptedException {
        URI address = URI.create("http://" + (host.isEmpty() ? "127.0.0.1" : inUrl(host)) + ":" + port + "/");
        for (int attempt = 0; attempt < 100 && !stopping; attempt++) {
            try {
                HttpURLConnection connection =
                        (HttpURLConnection) address.toURL().openConnection();
                connection.setRequestMethod("HEAD");
                connection.setConnectTimeout(1000);
                connection.setReadTimeout(10_000);
                connection.getResponseCode();
                return;
            } catch (IOException e) {
                Thread.sleep(100);
            }
        }
        stop(FAILED, "Draugar has started, but does not answer at " + address);
    }

    private static String inUrl(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    /**
     * Payara Micro stops itself on Ctrl-C and SIGTERM: it ends the application while its connections still work, so
     * that every peer is told, and then the rest. This only says so, and puts an end to a stop that hangs.
     */
    private static void stopGracefully() {
        // Just before it says that it has stopped, Payara Micro raises the level of its logger, but leaves filters.
        payaraMicro = Logger.getLogger("PayaraMicro");
        payaraMicro.setFilter(problem -> problem.getLevel().intValue() >= Level.SEVERE.intValue());
        Runnable quietly = () -> {
            stopping = true;
            if (!failed) {
                Console.println("Draugar is stopping …");
                Console.finish();
            }
            // Payara Micro prints a line of its own debugging while it stops.
            System.setOut(new PrintStream(OutputStream.nullOutputStream()));
            Thread patience = new Thread(() -> {
                try {
                    Thread.sleep(STOP_SECONDS * 1000L);
                } catch (InterruptedException e) {
                    return;
                }
                Runtime.getRuntime().halt(FAILED);
            });
            patience.setDaemon(true);
            patience.start();
        };
        if (!atExit(quietly)) {
            stopping = true;
        }
    }

    /** Runs something when this Java ends. @return false when it ends already: somebody has stopped it as it started */
    static boolean atExit(Runnable last) {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(last));
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Standard input is a pipe that the launcher never writes to: it ends when the launcher does, however that ended. */
    private static void stopWithLauncher() {
        Thread watch = new Thread(() -> {
            try {
                if (System.in.read() < 0 && !stopping) {
                    System.exit(0);
                }
            } catch (IOException e) {
                System.exit(FAILED);
            }
        });
        watch.setDaemon(true);
        watch.start();
    }

    static boolean isStopping() {
        return stopping;
    }

    private static void fail() {
        if (stopping) {
            return;
        }
        Optional<String> setting = ConsoleLog.unusableSetting();
        if (setting.isPresent()) {
            stop(UNUSABLE_SETTING, setting.get());
        }
        boolean launched = System.getProperty(LAUNCHED) != null;
        if (!ConsoleLog.isOfDraugar() && launched && System.getProperty(AGAIN) == null) {
            // Its services start beside each other, and now and then one finds another one missing.
            stop(TRY_AGAIN, "Payara did not start; Draugar tries it once more …");
        }
        boolean draugars = ConsoleLog.isOfDraugar();
        stop(
                FAILED,
                "Draugar could not start: " + ConsoleLog.showRootCause()
                        + (draugars ? "" : ". Payara itself did not come up: start Draugar again"));
    }

    private static void stop(int status, String line) {
        if (!stopping) {
            failed = true;
            Console.printError(line);
            Console.finish();
            System.exit(status);
        }
    }
}
