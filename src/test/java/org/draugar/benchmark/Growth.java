package org.draugar.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.draugar.support.Node;
import org.opentest4j.TestAbortedException;

/**
 * Measures how Draugar bears growth: the heap of each connection that rests, and the processor time of each delivery at
 * the same rate, for families and members of different numbers: {@code mvn -Pbenchmark
 * -Dstart=org.draugar.benchmark.Growth}, with {@code -Pbenchmark,wildfly} on WildFly. It takes half an hour: in
 * the last ten minutes it counts full collections in a small heap.
 */
public final class Growth {
    private static final int[][] FAMILIES_AND_MEMBERS = {{100, 2}, {1000, 2}, {7500, 2}, {100, 10}, {100, 50}};
    /** For fifteen thousand connections. */
    private static final Map<String, String> ROOMY = options("-Xmx2g");

    private static final String HEAP = "256m";
    private static final int SMALL_HEAP_SECONDS = Integer.getInteger("benchmark.small.heap.seconds", 600);
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

    private Growth() {}

    public static void main(String[] arguments) throws IOException {
        String server = System.getProperty("draugar.container", "").equals("wildfly") ? "WildFly" : "Payara Micro";
        try {
            Node node = Node.install("benchmark", "load.c");
            Load load = Load.compile(node);
            for (int[] size : FAMILIES_AND_MEMBERS) {
                measure(node, load, server, size[0], size[1]);
            }
            smallHeap(load, server);
        } catch (TestAbortedException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void measure(Node node, Load load, String server, int families, int members) throws IOException {
        try (Contender draugar = Contender.draugar(server, "on", families, members, ROOMY)) {
            String[] crowd = {"families=" + families, "members=" + members};
            double before = heap(node, draugar);
            Process held = load.hold(draugar, crowd);
            double after = heap(node, draugar);
            load.release(held);
            String rate = "rate=" + Integer.getInteger("benchmark.rate", 1000);
            load.run(draugar, crowd[0], crowd[1], rate, "seconds=" + Integer.getInteger("benchmark.warm.seconds", 60));
            double processor = load.run(draugar, crowd[0], crowd[1], rate).get("cpu");
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d families of %d: %.1f KB of heap for each idle connection, %.1f µs of processor per delivery%n",
                    server,
                    families,
                    members,
                    (after - before) / 1024 / families / members,
                    processor);
        }
    }

    /** Counts full collections, which stop everybody for a while. */
    private static void smallHeap(Load load, String server) throws IOException {
        Path logs = Path.of("target", "benchmark", "collections").toAbsolutePath();
        Files.createDirectories(logs);
        Map<String, String> options = options("-Xmx" + HEAP + " -Xlog:gc:file=" + logs + "/%p.log");
        try (Contender draugar = Contender.draugar(server, "on", 200, 5, options)) {
            Path log = logs.resolve(draugar.process().pid() + ".log");
            // A full one on the way up is none of those that are counted.
            long before = fullCollections(log);
            Map<String, Double> measured =
                    load.run(draugar, "families=200", "members=5", "rate=2000", "seconds=" + SMALL_HEAP_SECONDS);
            System.out.printf(
                    Locale.ROOT,
                    "%s, %s of heap, 1,000 connections, 2,000 updates/s for %d s: %d full collections, p99 %.0f ms, %.0f"
                            + " lost%n",
                    server,
                    HEAP,
                    SMALL_HEAP_SECONDS,
                    fullCollections(log) - before,
                    measured.get("p99"),
                    measured.get("lost") + measured.get("gone"));
        }
    }

    /** The jar looks at the first, the script of WildFly at the second. */
    private static Map<String, String> options(String options) {
        return Map.of("JAVA_TOOL_OPTIONS", options, "JAVA_OPTS", options);
    }

    private static long fullCollections(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("Pause Full")).count();
        }
    }

    /** Bytes of the objects that are in use. */
    private static double heap(Node node, Contender server) {
        String histogram = node.run("jcmd", Long.toString(server.process().pid()), "GC.class_histogram")
                .output();
        Matcher total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new IllegalStateException("jcmd told nothing of the heap");
        }
        return Double.parseDouble(total.group(1));
    }
}
