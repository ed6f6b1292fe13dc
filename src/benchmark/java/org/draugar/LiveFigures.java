package org.draugar;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.draugar.support.Crowd;
import org.draugar.support.Crowd.Peer;
import org.draugar.support.Person;
import org.draugar.support.Phone;
import org.draugar.support.Server;
import org.draugar.support.ServerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No test but a measurement, for {@code docs/figures.md}: how long a position takes from one member to another, with
 * history and without, on two servers that are used in turn: {@code mvn verify -Dit.test=LiveFigures
 * -Dit.compiler=}.
 */
class LiveFigures {
    private static final int FAMILIES = 50;
    private static final int MEMBERS = 5;
    private static final int RATE = Integer.getInteger("draugar.figures.rate", 500);
    private static final int SECONDS = 10;
    private static final int ROUNDS = 6;

    @TempDir
    Path folder;

    @Test
    void fromOneMemberToAnother() {
        try (ServerProcess with = start("30d");
                ServerProcess without = start("off");
                Load withHistory = new Load(with.awaitReady());
                Load withoutHistory = new Load(without.awaitReady())) {
            Map<String, Load> loads = new TreeMap<>(Map.of("on", withHistory, "off", withoutHistory));
            Map<String, List<long[]>> figures = new TreeMap<>();
            for (int round = 0; round <= ROUNDS; round++) {
                // The first one warms up.
                int shown = round;
                loads.forEach((history, load) -> {
                    long[] micros = load.run();
                    if (shown > 0) {
                        figures.computeIfAbsent(history, h -> new ArrayList<>()).add(micros);
                        print("round " + shown, history, micros[0], micros[1]);
                    }
                });
            }
            figures.forEach((history, rounds) -> print("median", history, median(rounds, 0), median(rounds, 1)));
        }
    }

    private ServerProcess start(String history) {
        return ServerProcess.start(
                folder.resolve("server-" + history),
                Map.of(
                        "DRAUGAR_DATA",
                        folder.resolve(history).toString(),
                        "DRAUGAR_SIGNUP",
                        "open",
                        "DRAUGAR_HISTORY",
                        history));
    }

    private static void print(String what, String history, long p50, long p99) {
        System.out.printf(
                "LiveFigures: %s, %s, %d updates a second to %d members each, history %s: p50 %.1f ms, p99 %.1f ms%n",
                ServerProcess.CONTAINER, what, RATE, MEMBERS - 1, history, p50 / 1e3, p99 / 1e3);
    }

    private static long median(List<long[]> rounds, int figure) {
        long[] sorted =
                rounds.stream().mapToLong(round -> round[figure]).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** Families that move at a steady rate, whatever the server makes of it. */
    private static final class Load implements AutoCloseable {
        private static final int UPDATES = RATE * SECONDS;

        private final Crowd crowd;
        private final List<Peer> peers = new ArrayList<>();
        private final long[] sentAt = new long[UPDATES];
        private final long[] nanos = new long[UPDATES * (MEMBERS - 1)];
        private final AtomicInteger heard = new AtomicInteger();
        private int total;

        Load(Server server) {
            crowd = new Crowd(server);
            for (int family = 0; family < FAMILIES; family++) {
                Person admin = server.startFamily("Admin");
                for (int i = 0; i < MEMBERS; i++) {
                    Peer peer = crowd.connect(i == 0 ? admin : server.join(admin, "Member " + i), message -> {
                        if (message.getString("type").equals("location:broadcast")) {
                            int number = message.getInt("altitude");
                            nanos[heard.getAndIncrement()] = System.nanoTime() - sentAt[number];
                        }
                    });
                    peer.subscribe();
                    peers.add(peer);
                }
            }
            Server.await("all are subscribed", Duration.ofMinutes(1), () -> peers.stream()
                    .allMatch(Peer::isReady));
        }

        /** The median and the 99th percentile, in microseconds. */
        long[] run() {
            heard.set(0);
            long begun = System.nanoTime();
            for (int number : IntStream.range(0, UPDATES).toArray()) {
                LockSupport.parkNanos(begun + number * TimeUnit.SECONDS.toNanos(1) / RATE - System.nanoTime());
                String update = Phone.update(64, -21)
                        .add("id", "n" + total++)
                        .add("altitude", number)
                        .build()
                        .toString();
                sentAt[number] = System.nanoTime();
                peers.get(number % peers.size()).send(update);
            }
            Server.await("all is heard", Duration.ofMinutes(1), () -> heard.get() == nanos.length);
            Arrays.sort(nanos);
            return new long[] {nanos[nanos.length / 2] / 1000, nanos[nanos.length / 100 * 99] / 1000};
        }

        @Override
        public void close() {
            crowd.close();
        }
    }
}
