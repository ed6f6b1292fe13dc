package org.draugar.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.draugar.UberJar;
import org.draugar.family.Code;
import org.draugar.support.Person;
import org.draugar.support.Server;

/**
 * A family of five on their way through the real streets of a small town, so that a newcomer sees life at once: {@code
 * mvn -Pdemo}. It starts the uberjar on an empty store of its own, and its members are ordinary WebSocket clients of the
 * public endpoint.
 */
public final class Demo {
    private static final Path DATA = Path.of("target", "demo-data");

    private Demo() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(System.getenv().getOrDefault("DRAUGAR_PORT", "3001"));
        String setupCode = Code.random().text();
        delete(DATA);
        Process process = start(port, setupCode);
        Server server = new Server(URI.create("http://127.0.0.1:" + port + "/").toURL());
        if (!awaitReady(server, process)) {
            System.exit(process.waitFor());
        }

        Person anna = server.join(setupCode, "Anna");
        List<Traveller> family = new ArrayList<>();
        family.add(new Traveller(server, anna, "in_vehicle", 0, 1));
        family.add(new Traveller(server, server.join(anna, "Björn"), "in_vehicle", 0.5, -1));
        family.add(new Traveller(server, server.join(anna, "Katla"), "on_bicycle", 0.25, -0.4));
        family.add(new Traveller(server, server.join(anna, "Egill"), "running", 0.7, 0.25));
        family.add(new Traveller(server, server.join(anna, "Sól"), "walking", 0.9, 0.1));

        ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
        List<Future<?>> movements = new ArrayList<>();
        for (Traveller traveller : family) {
            movements.add(clock.scheduleAtFixedRate(traveller, 0, 1, TimeUnit.SECONDS));
        }
        System.out.println();
        System.out.println("Five people are on their way through Višnjan, a small town in Istria.");
        System.out.println("Join them and watch: http://localhost:" + port + "/#/join/" + server.invite(anna));
        System.out.println("Ctrl-C ends the demo; what it stored is in " + DATA + " and of no further use.");
        System.out.println();
        int status = process.waitFor();
        movements.forEach(movement -> movement.cancel(false));
        System.exit(status);
    }

    private static Process start(int port, String setupCode) throws IOException {
        ProcessBuilder command = UberJar.command();
        command.environment().put("DRAUGAR_PORT", Integer.toString(port));
        command.environment().put("DRAUGAR_DATA", DATA.toString());
        command.environment().put("DRAUGAR_SETUP_CODE", setupCode);
        return UberJar.start(command);
    }

    private static boolean awaitReady(Server server, Process process) throws InterruptedException {
        while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
            try {
                if (server.get("/api/health", null).status() == 200) {
                    // Its own "ready" comes first.
                    process.waitFor(500, TimeUnit.MILLISECONDS);
                    return true;
                }
            } catch (IllegalStateException e) {
                // Not listening yet.
            }
        }
        return false;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
