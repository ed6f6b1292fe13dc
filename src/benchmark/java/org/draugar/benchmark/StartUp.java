package org.draugar.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.draugar.support.Node;
import org.draugar.support.ServerProcess;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.opentest4j.TestAbortedException;

/**
 * Measures how long the jar takes to its first answer, beside the Payara Micro that it is made of with an empty
 * application, in turns, and how long deliveries take in its first seconds: {@code mvn -Pbenchmark
 * -Dstart=org.draugar.benchmark.StartUp -DskipTests}. The very first start, which unpacks the jar, does not count.
 */
public final class StartUp {
    private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 5);
    private static final int FAMILIES = 200;
    private static final int MEMBERS = 5;
    private static final String[] FIRST_SECONDS = {
        "families=" + FAMILIES, "members=" + MEMBERS, "rate=2000", "warm=0", "seconds=5"
    };

    private StartUp() {}

    public static void main(String[] arguments) throws IOException {
        try {
            Node node = Node.install("benchmark", "load.c");
            Load load = Load.compile(node);
            Contender.draugar("Payara Micro", "on", FAMILIES, MEMBERS).close();
            Path empty = empty();
            List<Double> ratios = new ArrayList<>();
            List<Double> millis = new ArrayList<>();
            for (int round = 1; round <= ROUNDS; round++) {
                double stock = stock(empty);
                long begun = System.nanoTime();
                try (Contender draugar = Contender.again("Payara Micro", "on", Map.of())) {
                    double ours = (System.nanoTime() - begun) / 1e9;
                    Map<String, Double> first = load.run(draugar, FIRST_SECONDS);
                    ratios.add(ours / stock);
                    millis.add(first.get("p99"));
                    System.out.printf(
                            Locale.ROOT,
                            "round %d of %d: stock Payara Micro with an empty application %.1f s, Draugar %.1f s; its"
                                    + " first 5 s at 2,000 updates/s: p50 %.0f ms, p99 %.0f ms, %.0f lost%n",
                            round,
                            ROUNDS,
                            stock,
                            ours,
                            first.get("p50"),
                            first.get("p99"),
                            first.get("lost") + first.get("gone"));
                }
            }
            System.out.println("Start, ratio to stock: " + new Figure(ratios) + "; p99 of the first 5 s, in ms: "
                    + new Figure(millis));
        } catch (TestAbortedException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    /** Seconds that the Payara Micro takes of which the jar is made. */
    private static double stock(Path war) {
        long begun = System.nanoTime();
        try (ServerProcess stock = ServerProcess.stockPayaraMicro(war, Map.of())) {
            stock.awaitReady();
            return (System.nanoTime() - begun) / 1e9;
        }
    }

    /** An application that answers where Draugar would, and does nothing. */
    private static Path empty() throws IOException {
        Path war = Files.createDirectories(Path.of("target", "benchmark")).resolve("empty.war");
        ShrinkWrap.create(WebArchive.class)
                .add(new StringAsset(""), "api/health")
                .as(ZipExporter.class)
                .exportTo(war.toFile(), true);
        return war;
    }
}
