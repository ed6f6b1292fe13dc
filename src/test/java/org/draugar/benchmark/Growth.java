package org.draugar.benchmark;

import java.io.IOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.support.Node;
import org.opentest4j.TestAbortedException;

/**
 * Measures how Draugar bears growth: the heap of each connection that rests, and the processor time of each delivery at
 * the same rate, for families and members of different numbers: {@code mvn -Pbenchmark
 * -Dstart=org.draugar.benchmark.Growth}, with {@code -Pbenchmark,wildfly} on WildFly. It takes a quarter of an hour.
 */
public final class Growth {
    private static final int[][] FAMILIES_AND_MEMBERS = {{100, 2}, {1000, 2}, {7500, 2}, {100, 10}, {100, 50}};
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
        } catch (TestAbortedException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void measure(Node node, Load load, String server, int families, int members) throws IOException {
        try (Contender draugar = Contender.draugar(server, "on", families, members)) {
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
