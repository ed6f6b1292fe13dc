package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.draugar.family.Caller;
import org.draugar.identity.IdentityFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.store.StoreFixture;
import org.draugar.support.Database;
import org.draugar.support.Extent;
import org.draugar.support.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Two servers that keep what they take in in one PostgreSQL. */
@Execution(ExecutionMode.CONCURRENT)
class TwoServersTest {
    private static final int REPORTS = 2000;
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");

    @TempDir
    Path folder;

    private final List<Node> nodes = new ArrayList<>();

    /** What a server has of it. */
    private static final class Node {
        final Store store;
        final PositionStore positions;
        final Tracks tracks;
        final Compaction compaction;

        Node(Settings settings) {
            store = StoreFixture.shared(settings);
            positions = new PositionStore(store);
            positions.start(Thread::new);
            tracks = new Tracks(store, positions, settings);
            compaction = new Compaction(store, positions, new Erasure(store, positions, tracks));
        }

        void close() {
            positions.stop();
            store.close();
        }
    }

    @BeforeEach
    void open() {
        Settings settings = Settings.from(Database.POSTGRESQL.createWithTables(folder)::get);
        nodes.add(new Node(settings));
        nodes.add(new Node(settings));
    }

    @AfterEach
    void close() {
        nodes.forEach(Node::close);
    }

    /** Each report reaches both, as when its first acknowledgement was lost, in no order, while old ones are packed. */
    @Test
    void whatComesToBothIsThereOnceAndNeitherWaitsForTheOther() {
        Store store = nodes.get(0).store;
        Random random = Extent.random("TwoServersTest");
        Caller anna = IdentityFixture.signUp(store, "Anna");
        List<Caller> family = new ArrayList<>(List.of(anna));
        IntStream.range(0, 20).forEach(i -> family.add(IdentityFixture.join(store, anna, "Member " + i)));
        // Not yet as old as what is packed.
        long offset = Instant.now().plusSeconds(3600).toEpochMilli() * 4096;
        List<CompletableFuture<Void>> stored = new ArrayList<>();
        List<Thread> senders = nodes.stream()
                .map(node -> {
                    List<Integer> order =
                            new ArrayList<>(IntStream.range(0, REPORTS).boxed().toList());
                    Collections.shuffle(order, random);
                    return new Thread(() -> order.forEach(i -> {
                        Caller sender = family.get(i % family.size());
                        CompletableFuture<Void> kept = new CompletableFuture<>();
                        synchronized (stored) {
                            stored.add(kept);
                        }
                        Fix fix = new Fix(1, 2, START.plusSeconds(i), null, null, null, null, null, null, null);
                        node.positions.reserve(fix);
                        node.positions.append(
                                new StoredReport(
                                        sender.family(), sender.member(), sender.device(), offset + i, "n" + i, fix),
                                kept);
                    }));
                })
                .toList();
        senders.forEach(Thread::start);
        for (Thread sender : senders) {
            join(sender);
        }
        CompletableFuture.allOf(stored.toArray(CompletableFuture<?>[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        List<Long> all = IntStream.range(0, REPORTS).mapToObj(i -> offset + i).toList();
        assertThat(offsets(anna, offset - 1)).isEqualTo(all);
        List<CompletableFuture<Void>> packing = nodes.stream()
                .map(node -> CompletableFuture.runAsync(() -> node.compaction.run(Optional.of(Duration.ofHours(-2)))))
                .toList();
        packing.forEach(CompletableFuture::join);
        assertThat(offsets(anna, offset - 1)).as("packed").isEqualTo(all);
    }

    @Test
    void oneOfThemLeadsAndWhenItEndsTheOtherDoes() {
        assertThat(nodes).extracting(node -> node.store.isLeader()).containsExactly(true, false);
        nodes.remove(0).close();
        Store other = nodes.get(0).store;
        // PostgreSQL gives a lock free once it has seen that its connection ended: that may be after close() returned.
        Server.await("the other server leads", Duration.ofSeconds(10), () -> {
            other.keep();
            return other.isLeader();
        });
    }

    private List<Long> offsets(Caller anna, long after) {
        return nodes.get(1).tracks.after(anna.family(), after, REPORTS + 1).orElseThrow().reports().stream()
                .map(named -> named.kept().offset())
                .toList();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
