package org.draugar.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Jcmd;
import org.draugar.support.Node;
import org.draugar.support.ServerProcess;
import org.jdbi.v3.core.Jdbi;
import org.opentest4j.TestAbortedException;

/**
 * Measures how Draugar bears growth: the heap of each connection that rests, and the processor time of each delivery at
 * the same rate, for families and members of different numbers and beside a history of 50 million positions: {@code
 * mvn -Pbenchmark -Dstart=org.draugar.benchmark.Growth}, with {@code -Pbenchmark,wildfly} on WildFly. It takes three
 * quarters of an hour: in the last ten minutes it counts full collections in a small heap. {@code
 * -Dbenchmark.parts=crowds,history,heap} says what of it.
 */
public final class Growth {
    private static final int[][] FAMILIES_AND_MEMBERS = {{100, 2}, {1000, 2}, {7500, 2}, {100, 10}, {100, 50}};
    /** For fifteen thousand connections. */
    private static final Map<String, String> ROOMY = options("-Xmx2g");

    private static final List<String> PARTS =
            List.of(System.getProperty("benchmark.parts", "crowds,history,heap").split(","));
    private static final long POSITIONS = Long.getLong("benchmark.positions", 50_000_000);
    private static final String HEAP = "256m";
    private static final int SMALL_HEAP_SECONDS = Integer.getInteger("benchmark.small.heap.seconds", 600);

    private Growth() {}

    public static void main(String[] arguments) throws IOException {
        String server = ServerProcess.CONTAINER.equals("wildfly") ? "WildFly" : "Payara Micro";
        try {
            Node node = Node.install("benchmark", "load.c");
            Load load = Load.compile(node);
            if (PARTS.contains("crowds")) {
                for (int[] size : FAMILIES_AND_MEMBERS) {
                    measure(load, server, size[0], size[1]);
                }
            }
            if (PARTS.contains("history")) {
                history(load, server);
            }
            if (PARTS.contains("heap")) {
                smallHeap(load, server);
            }
        } catch (TestAbortedException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void measure(Load load, String server, int families, int members) throws IOException {
        try (Contender draugar = Contender.draugar(server, "on", families, members, ROOMY)) {
            String[] crowd = {"families=" + families, "members=" + members};
            double before = Jcmd.heapBytes(draugar.process().pid());
            Process held = load.hold(draugar, crowd);
            double after = Jcmd.heapBytes(draugar.process().pid());
            load.release(held);
            double processor = processor(load, draugar, crowd[0], crowd[1]);
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

    private static double processor(Load load, Contender draugar, String families, String members) {
        String rate = "rate=" + Integer.getInteger("benchmark.rate", 1000);
        load.run(draugar, families, members, rate, "seconds=" + Integer.getInteger("benchmark.warm.seconds", 60));
        // As long as from one filing to the next, so that each run has one of them.
        return load.run(draugar, families, members, rate, "seconds=30").get("cpu");
    }

    private static void history(Load load, String server) throws IOException {
        String[] crowd = {"families=200", "members=5"};
        double before;
        try (Contender draugar = Contender.draugar(server, "on", 200, 5)) {
            // Some full rows of each member, which are copied then.
            load.run(draugar, crowd[0], crowd[1], "rate=4000", "seconds=90");
            before = processor(load, draugar, crowd[0], crowd[1]);
        }
        long positions = fill(Contender.data(server, "on"));
        try (Contender draugar = Contender.again(server, "on", Map.of())) {
            load.run(draugar, crowd[0], crowd[1], "rate=4000", "seconds=90");
            double after = processor(load, draugar, crowd[0], crowd[1]);
            System.out.printf(
                    Locale.ROOT,
                    "%s, 200 families of 5: %.1f µs of processor per delivery with little history, %.1f with %,d"
                            + " positions, %.2f times%n",
                    server,
                    before,
                    after,
                    positions,
                    after / before);
        }
    }

    /** Copies every member's full rows into the hours before, until there are as many positions as were asked for. */
    private static long fill(Path data) {
        Store store = new Store(
                Settings.from(Map.of("DRAUGAR_DATA", data.toAbsolutePath().toString())::get));
        try {
            Jdbi jdbi = store.jdbi();
            long full = jdbi.withHandle(handle -> handle.createQuery("select max(reports) from track")
                    .mapTo(Long.class)
                    .one());
            long positions = 0;
            for (int hours = 24; positions < POSITIONS; hours++) {
                long ago = hours;
                positions += full
                        * jdbi.withHandle(
                                handle -> handle.createUpdate("insert into track (member_id, epoch_hour, first_offset,"
                                                + " last_offset, family_id, reports, pack)"
                                                + " select member_id, epoch_hour - :hours, first_offset - :hours * :hour,"
                                                + " last_offset - :hours * :hour, family_id, reports, pack from track"
                                                + " where epoch_hour > :newest and reports = :full")
                                        .bind("hours", ago)
                                        // What the offsets of an hour are apart: milliseconds, and 4096 in each.
                                        .bind("hour", 3_600_000L * 4096)
                                        .bind("newest", System.currentTimeMillis() / 3_600_000 - 5)
                                        .bind("full", full)
                                        .execute());
                if (hours % 24 == 0) {
                    System.out.printf("%,d positions of %,d%n", positions, POSITIONS);
                }
            }
            return positions;
        } finally {
            store.close();
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
}
