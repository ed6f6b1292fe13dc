package org.draugar.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.stream.Envelope.Key;
import org.draugar.support.Extent;
import org.draugar.support.Redis;
import org.draugar.support.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two nodes append and follow while the engine is killed, stopped, emptied and cut off. Every event is sent until it has
 * its place. At each follower offsets grow, no event comes twice, and none is missing that was not said to be missed.
 */
class EngineFaultsTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final int FAMILIES = 5;

    private final Redis redis = Redis.start();
    private final List<Node> nodes = new ArrayList<>();
    private final List<FamilyId> families =
            Stream.generate(FamilyId::random).limit(FAMILIES).toList();
    private final AtomicLong sent = new AtomicLong();
    private volatile boolean stopped;
    private volatile boolean ended;

    /** What is done to the engine. */
    enum Fault {
        KILLED {
            @Override
            void happen(Redis redis) {
                redis.kill();
                redis.restart();
            }
        },
        FROZEN {
            @Override
            void happen(Redis redis) {
                redis.freeze();
                LockSupport.parkNanos(Duration.ofSeconds(Extent.of("EngineFaultsTest: seconds of silence", 4, 20))
                        .toNanos());
                redis.thaw();
            }
        },
        EMPTIED {
            @Override
            void happen(Redis redis) {
                redis.ask("FLUSHALL");
            }
        },
        WITHOUT_MESSAGES {
            @Override
            void happen(Redis redis) {
                redis.ask("CLIENT KILL TYPE pubsub");
            }
        },
        WITHOUT_COMMANDS {
            @Override
            void happen(Redis redis) {
                redis.ask("CLIENT KILL TYPE normal");
            }
        };

        abstract void happen(Redis redis);
    }

    /** An event, and where it was placed. */
    private record Placed(FamilyId family, String id, long offset) {}

    /** A node, what it has sent and what it was told. */
    private final class Node {
        private final Engine engine = RedisStreamTest.engine(redis.url());
        private final MemberId member = MemberId.random();
        private final DeviceId device = DeviceId.random();
        private final Map<FamilyId, FollowerLog> logs = new ConcurrentHashMap<>();
        private final ConcurrentLinkedQueue<Placed> placed = new ConcurrentLinkedQueue<>();
        private final Thread sender = RedisStreamTest.thread(this::send);

        void follow() {
            for (FamilyId family : families) {
                FollowerLog log = new FollowerLog();
                logs.put(family, log);
                engine.stream().follow(family, log).toCompletableFuture().join();
            }
        }

        private void send() {
            while (!stopped) {
                String id = "id" + sent.incrementAndGet();
                FamilyId family = families.get((int) (Math.random() * FAMILIES));
                append(family, id);
                LockSupport.parkNanos(20_000_000);
            }
        }

        private void append(FamilyId family, String id) {
            Envelope event =
                    Envelope.shared(family, "location:broadcast", "{}", new Key("location", member), device, 1, id);
            engine.stream().append(event, new FamilyStream.Appending() {
                @Override
                public void placed(long offset) {
                    placed.add(new Placed(family, id, offset));
                }

                @Override
                public void closed() {
                    throw new AssertionError("nobody has closed it");
                }

                @Override
                public void failed(RuntimeException reason) {
                    // As a phone does.
                    RedisStreamTest.thread(() -> {
                                LockSupport.parkNanos(200_000_000);
                                if (!ended) {
                                    append(family, id);
                                }
                            })
                            .start();
                }
            });
        }
    }

    @BeforeEach
    void start() {
        nodes.add(new Node());
        nodes.add(new Node());
        Server.await("both are connected", SOON, () -> nodes.stream()
                .allMatch(node -> node.engine.trouble().isEmpty()
                        && node.engine.redisNodes().others() == 1));
        nodes.forEach(Node::follow);
        nodes.forEach(node -> node.sender.start());
    }

    @AfterEach
    void stop() {
        stopped = true;
        ended = true;
        nodes.forEach(node -> node.engine.close());
        redis.close();
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLostOrToldTwiceWhereTheEngineIs(Fault fault) {
        int rounds = Extent.of("EngineFaultsTest: of each fault", 1, 10);
        for (int round = 0; round < rounds; round++) {
            flows();
            fault.happen(redis);
            flows();
        }
        check();
    }

    /** Everything that is sent now comes to everybody. */
    private void flows() {
        long from = sent.get() + 1;
        Server.await("all nodes hear each other in all families", SOON, () -> nodes.stream()
                .flatMap(node -> node.logs.values().stream())
                .allMatch(log -> nodes.stream().allMatch(node -> hears(log, node.member, from))));
    }

    private static boolean hears(FollowerLog log, MemberId member, long from) {
        List<Envelope> taken = log.taken();
        for (int i = taken.size() - 1; i >= 0; i--) {
            Envelope event = taken.get(i);
            if (event.key().member().equals(member)) {
                return Long.parseLong(event.id().substring(2)) >= from;
            }
        }
        return false;
    }

    private void check() {
        stopped = true;
        Server.await(
                "everything has its place",
                SOON,
                () -> nodes.stream().mapToInt(node -> node.placed.size()).sum() >= sent.get());
        List<Placed> all = nodes.stream().flatMap(node -> node.placed.stream()).toList();
        for (Node node : nodes) {
            node.logs.forEach((family, log) -> {
                Server.await(() -> "missing: " + missing(all, family, log), SOON, () -> missing(all, family, log)
                        .isEmpty());
                assertThat(log.offsets()).isSorted().doesNotHaveDuplicates();
                assertThat(log.taken().stream().map(Envelope::id)).doesNotHaveDuplicates();
            });
        }
        assertThat(all).isNotEmpty();
    }

    private static List<Placed> missing(List<Placed> all, FamilyId family, FollowerLog log) {
        Set<String> told = new HashSet<>();
        log.taken().forEach(event -> told.add(event.id()));
        List<long[]> gaps = log.gaps();
        return all.stream()
                .filter(placed -> placed.family.equals(family) && !told.contains(placed.id))
                .filter(placed -> gaps.stream().noneMatch(gap -> gap[0] < placed.offset && placed.offset <= gap[1]))
                .toList();
    }

    @Test
    void whatWasForgottenIsNotTakenForKnown() {
        // What is placed after the engine was emptied has no lower place than before, in a family that nobody follows.
        Node node = nodes.get(0);
        FamilyId quiet = FamilyId.random();
        Envelope first = Envelope.shared(
                quiet, "location:broadcast", "{}", new Key("location", node.member), node.device, 1, "a");
        long before = FamilyStreamContract.append(node.engine.stream(), first);
        redis.ask("FLUSHALL");
        Envelope second = Envelope.shared(
                quiet, "location:broadcast", "{}", new Key("location", node.member), node.device, 1, "b");
        assertThat(FamilyStreamContract.append(node.engine.stream(), second)).isGreaterThan(before);
        assertThat(nodes.get(1).engine.stream().held(quiet, before).all()).isFalse();
    }
}
