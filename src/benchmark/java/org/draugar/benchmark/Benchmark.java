package org.draugar.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.draugar.support.Node;
import org.draugar.support.ServerProcess;
import org.opentest4j.TestAbortedException;

/**
 * Measures Draugar beside Express with Socket.IO, doing the same work in turns on the same machine: {@code mvn
 * -Pbenchmark,wildfly}, or without WildFly {@code mvn -Pbenchmark}. It takes the better part of an hour and wants a machine that
 * does nothing else. A long round in advance warms everything up and does not count: Java compiles for two minutes
 * under load before it is as fast as it gets.
 *
 * <p>{@code -Dbenchmark.rounds=5}, {@code seconds=10} of each measurement, {@code warm.seconds=120} of each in advance, {@code families=200}, {@code members=5},
 * {@code flight=8} updates on their way in each family, {@code rate=2000} updates a second, {@code acks=1} for updates
 * that ask for an acknowledgement.
 */
public final class Benchmark {
    /** How long Draugar waits from one filing to the next. */
    private static final int FILE_SECONDS = 30;

    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(2);

    private final int families = Integer.getInteger("benchmark.families", 200);
    private final int members = Integer.getInteger("benchmark.members", 5);
    private final String[] closed = work("flight=" + Integer.getInteger("benchmark.flight", 8));
    private final String[] open = work("rate=" + Integer.getInteger("benchmark.rate", 2000));
    private final List<Contender> contenders = new ArrayList<>();

    /** What each contender gave in each round that counts: first all closed loops, then all open ones. */
    private final Map<String, List<Map<String, Double>>> results = new LinkedHashMap<>();

    private Benchmark() {}

    public static void main(String[] arguments) throws Exception {
        try {
            new Benchmark().run();
        } catch (TestAbortedException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }

    private String[] work(String loop) {
        return new String[] {
            loop,
            "families=" + families,
            "members=" + members,
            "acks=" + Integer.getInteger("benchmark.acks", 0),
            "seconds=" + Integer.getInteger("benchmark.seconds", 10)
        };
    }

    private void run() throws IOException {
        Node node = Node.install("benchmark", "peer.mjs", "load.c");
        Load load = Load.compile(node);
        contenders.add(Contender.peer(node));
        for (String history : List.of("off", "on")) {
            contenders.add(Contender.draugar("Payara Micro", history, families, members));
            if (ServerProcess.CONTAINER.equals("wildfly")) {
                contenders.add(Contender.draugar("WildFly", history, families, members));
            }
        }
        int rounds = Integer.getInteger("benchmark.rounds", 5);
        for (int round = 0; round <= rounds; round++) {
            for (Contender contender : contenders) {
                measure(load, contender, "closed", closed, round);
                if (!contender.name().endsWith("off")) {
                    measure(load, contender, "open", open, round);
                }
            }
            // Whoever comes after somebody else comes before them next time.
            Collections.reverse(contenders);
        }
        contenders.forEach(Contender::close);
        print();
    }

    private void measure(Load load, Contender contender, String loop, String[] work, int round) {
        awaitQuiet(loop);
        Map<String, Double> measured = load.run(contender, round == 0 ? warmUp(work) : work);
        System.out.printf(
                Locale.ROOT,
                "round %d, %s, %s loop: %.0f updates/s, %.0f delivered/s, p50 %.1f ms, p99 %.1f ms, %.2f cores,"
                        + " %.2f µs of processor per delivery, %.0f lost%n",
                round,
                contender.name(),
                loop,
                measured.get("updates"),
                measured.get("deliveries"),
                measured.get("p50"),
                measured.get("p99"),
                measured.get("cores"),
                measured.get("cpu"),
                measured.get("lost") + measured.get("gone"));
        if (round > 0) {
            results.computeIfAbsent(contender.name() + ", " + loop, n -> new ArrayList<>())
                    .add(measured);
        }
    }

    private static String[] warmUp(String[] work) {
        String[] longer = Arrays.copyOf(work, work.length + 1);
        longer[work.length] = "seconds=" + Integer.getInteger("benchmark.warm.seconds", 120);
        return longer;
    }

    /**
     * What one server still has to do is no burden to the next; nor is what a closed loop has left to file, some 600,000
     * positions, a part of an open one.
     */
    private void awaitQuiet(String loop) {
        long quiet = TimeUnit.SECONDS.toNanos(loop.equals("open") ? FILE_SECONDS + 1 : 1);
        long begun = System.nanoTime();
        long busy = begun;
        long before = processorMillis();
        while (System.nanoTime() - busy < quiet && System.nanoTime() - begun < PATIENCE) {
            LockSupport.parkNanos(500_000_000);
            long after = processorMillis();
            if (after - before > 50) {
                busy = System.nanoTime();
            }
            before = after;
        }
    }

    private long processorMillis() {
        return contenders.stream()
                .mapToLong(contender -> contender.processorTime().toMillis())
                .sum();
    }

    private void print() {
        List<String> servers = contenders.stream()
                .map(Contender::name)
                .filter(name -> name.endsWith("on"))
                .map(name -> name.replace(", history on", ""))
                .sorted()
                .toList();
        System.out.printf(
                "%nRatio to Express with Socket.IO, one process of Node as npm gives it: the median of the rounds, and"
                        + " their spread%n%n");
        System.out.println("| | " + String.join(" | ", servers) + " |");
        System.out.println("|---" + "|---".repeat(servers.size()) + "|");
        row(servers, "delivered/s, history off", "off, closed", "deliveries");
        row(servers, "delivered/s, history on", "on, closed", "deliveries");
        row(servers, "cores used, history off", "off, closed", "cores");
        row(servers, "CPU per delivery, history off", "off, closed", "cpu");
        row(servers, "CPU per delivery, history on", "on, closed", "cpu");
        row(servers, "CPU per delivery at a fixed rate, history on", "on, open", "cpu");
        row(servers, "p99 at a fixed rate, history on", "on, open", "p99");
        System.out.println("| lost deliveries | "
                + String.join(" | ", servers.stream().map(this::lost).toList()) + " |");
    }

    private void row(List<String> servers, String title, String what, String name) {
        StringBuilder row = new StringBuilder("| ").append(title);
        String loop = what.substring(what.indexOf(", "));
        for (String server : servers) {
            List<Map<String, Double>> ours = results.get(server + ", history " + what);
            List<Map<String, Double>> peers = results.get("Socket.IO" + loop);
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < ours.size(); round++) {
                ratios.add(ours.get(round).get(name) / peers.get(round).get(name));
            }
            row.append(" | ").append(new Figure(ratios));
        }
        System.out.println(row.append(" |"));
    }

    private String lost(String server) {
        double lost = results.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(server))
                .flatMap(entry -> entry.getValue().stream())
                .mapToDouble(measured -> measured.get("lost") + measured.get("gone"))
                .sum();
        return String.format(Locale.ROOT, "%.0f", lost);
    }
}
