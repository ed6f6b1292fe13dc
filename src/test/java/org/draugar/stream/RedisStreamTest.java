package org.draugar.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.family.FamilyId;
import org.draugar.settings.Settings;
import org.draugar.support.CuttingProxy;
import org.draugar.support.Redis;
import org.draugar.support.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes at one Redis, which is cut off, killed, stopped and emptied. */
class RedisStreamTest extends FamilyStreamContract {
    private static final Duration SOON = Duration.ofSeconds(15);

    private static Redis redis;

    private CuttingProxy network;
    private Engine first;
    private Engine second;

    @BeforeAll
    static void startRedis() {
        redis = Redis.start();
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    @BeforeEach
    void connect() {
        network = new CuttingProxy(redis.port());
        first = engine("redis://127.0.0.1:" + network.port());
        second = engine(redis.url());
        awaitUp();
    }

    static Engine engine(String url) {
        Map<String, String> settings = Map.of(
                "DRAUGAR_CLUSTER",
                url,
                "DRAUGAR_DATABASE_URL",
                "jdbc:postgresql://localhost/draugar",
                "DRAUGAR_CODE_KEY",
                "the same on all servers of the cluster");
        Engine engine = new Engine(Settings.from(settings::get).cluster().orElseThrow());
        engine.start(RedisStreamTest::thread);
        return engine;
    }

    static Thread thread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private void awaitUp() {
        Server.await(
                "both nodes are connected",
                SOON,
                () -> first.trouble().isEmpty() && second.trouble().isEmpty());
    }

    /** Cuts the first node off. */
    private void cut() {
        network.cut();
        Server.await("it is seen", SOON, () -> stream().trouble().isPresent());
    }

    @AfterEach
    void disconnect() {
        first.close();
        second.close();
        network.close();
    }

    @Override
    FamilyStream stream() {
        return first.stream();
    }

    @Override
    FamilyStream elsewhere() {
        return second.stream();
    }

    @Test
    void theSameIdAgainHasItsOldPlaceAndIsNotToldTwice() {
        FollowerLog log = follow(elsewhere());
        long place = append(stream(), shared("{\"n\":1}", "a"));
        assertThat(append(elsewhere(), shared("{\"n\":2}", "a"))).isEqualTo(place);
        assertThat(append(elsewhere(), shared(other, "{\"n\":3}", "a")))
                .as("of another member")
                .isGreaterThan(place);
        stream().close(family, member, null);
        assertThat(append(stream(), shared("{\"n\":4}", "a")))
                .as("also when the stream is closed: it was placed before")
                .isEqualTo(place);
        log.await(2);
        assertThat(log.payloads()).containsExactly("{\"n\":1}", "{\"n\":3}");
    }

    @Test
    void whatIsHeldComesInOrder() {
        long start = append(stream(), shared("{\"n\":0}", null));
        for (int i = 1; i < 300; i++) {
            append(i % 2 == 0 ? stream() : elsewhere(), shared("{\"n\":" + i + "}", null));
        }
        FamilyStream.Held held = elsewhere().held(family, start);
        assertThat(held.all()).isTrue();
        assertThat(held.events()).hasSize(299);
        assertThat(held.events().stream().map(Envelope::offset).toList()).isSorted();
        assertThat(elsewhere().held(family, held.events().get(298).offset()))
                .isEqualTo(new FamilyStream.Held(
                        true, List.of(), held.events().get(298).offset()));
        assertThat(elsewhere().held(family, -5).all()).isFalse();
        assertThat(elsewhere().held(family, Long.MAX_VALUE).events()).isEmpty();
    }

    @Test
    void whatWasMissedWhileTheLineWasDownComesFromTheEngine() {
        FollowerLog log = follow(stream());
        append(elsewhere(), shared("{\"n\":0}", null));
        log.await(1);
        cut();
        for (int i = 1; i < 50; i++) {
            append(elsewhere(), shared("{\"n\":" + i + "}", null));
        }
        network.mend();
        log.await(50);
        assertThat(log.offsets()).isSorted().doesNotHaveDuplicates();
        assertThat(log.gaps()).isEmpty();
        awaitUp();
    }

    @Test
    void whatTheEngineHoldsNoMoreIsSaidToBeMissed() {
        FollowerLog log = follow(stream());
        long told = append(elsewhere(), shared("{\"n\":0}", null));
        log.await(1);
        cut();
        long missed = append(elsewhere(), shared("{\"n\":1}", null));
        elsewhere().forget(family);
        append(elsewhere(), shared("{\"n\":2}", null));
        network.mend();
        Server.await("it is said", SOON, () -> !log.gaps().isEmpty());
        long last = append(elsewhere(), shared("{\"n\":3}", null));
        log.await(2);
        assertThat(log.gaps()).hasSize(1);
        assertThat(log.gaps().get(0)[0]).isEqualTo(told);
        assertThat(log.gaps().get(0)[1]).isGreaterThan(missed).isLessThan(last);
        assertThat(log.offsets()).containsExactly(told, last);
    }

    @Test
    void aStreamThatWasMissedWaitsForTheStoresOfAllNodes() {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        second.settleBy(() -> stored);
        FollowerLog log = follow(stream());
        append(elsewhere(), shared("{\"n\":0}", null));
        log.await(1);
        cut();
        append(elsewhere(), shared("{\"n\":1}", null));
        elsewhere().forget(family);
        network.mend();
        awaitUp();
        FamilyId probe = FamilyId.random();
        stream().follow(probe, new FollowerLog()).toCompletableFuture().join();
        assertThat(log.gaps()).as("the other node has not stored everything").isEmpty();
        stored.complete(null);
        Server.await("the gap is told", SOON, () -> log.gaps().size() == 1);
        // Only now: what comes before may be told as missed too.
        long last = append(elsewhere(), shared("{\"n\":2}", null));
        log.await(2);
        assertThat(log.offsets()).endsWith(last);
    }

    @Test
    void anEngineThatIsAwayIsSaidAtOnce() {
        cut();
        Outcome outcome = new Outcome();
        stream().append(shared("{}", "a"), outcome);
        assertThat(outcome).isCompletedExceptionally();
        FollowerLog log = new FollowerLog();
        assertThatThrownBy(
                        () -> stream().follow(family, log).toCompletableFuture().join())
                .hasMessageContaining("does not answer");
        assertThatThrownBy(() -> stream().held(family, 0)).hasMessageContaining("does not answer");
        network.mend();
        awaitUp();
        Server.await("it is followed when the engine is back", SOON, () -> {
            append(elsewhere(), shared("{}", null));
            return !log.taken().isEmpty();
        });
    }

    @Test
    void anEngineThatHangsIsSeenAndNobodyWaitsForIt() throws Exception {
        redis.freeze();
        Outcome outcome;
        try {
            outcome = new Outcome();
            stream().append(shared("{\"n\":1}", "a"), outcome);
            assertThat(outcome.handle((offset, failure) -> failure).get(10, TimeUnit.SECONDS))
                    .hasMessageContaining("does not answer");
            assertThat(stream().trouble()).isPresent();
        } finally {
            redis.thaw();
        }
        awaitUp();
        FollowerLog log = follow(elsewhere());
        long place = append(stream(), shared("{\"n\":1}", "a"));
        assertThat(append(elsewhere(), shared("{\"n\":1}", "a"))).isEqualTo(place);
        append(elsewhere(), shared("{\"n\":2}", "b"));
        Server.await("the next comes", SOON, () -> log.payloads().contains("{\"n\":2}"));
        assertThat(log.payloads()).doesNotHaveDuplicates();
    }

    @Test
    void anEmptiedEngineGivesHigherPlacesAndKnowsWhatIsClosed() {
        FollowerLog log = follow(stream());
        append(elsewhere(), shared("{\"n\":0}", null));
        stream().close(family, other, null);
        append(elsewhere(), state("{\"paused\":true}").closing(Instant.now().plusSeconds(3_600)));
        append(stream(), state("{\"paused\":false}").opening());
        log.await(3);
        redis.ask("FLUSHALL");
        Server.await(
                "it is closed again", SOON, () -> append(elsewhere(), shared(other, "{}", null)) == Outcome.CLOSED);
        assertThat(append(elsewhere(), shared("{\"open\":1}", null)))
                .as("what was opened stays open")
                .isPositive();
        Server.await("it flows", SOON, () -> log.payloads().contains("{\"open\":1}"));
        assertThat(log.offsets()).isSorted().doesNotHaveDuplicates();
        assertThat(log.gaps()).as("the store is asked what was forgotten").isNotEmpty();
    }

    @Test
    void scriptsThatWereForgottenAreSentAgain() {
        append(stream(), shared("{}", null));
        redis.ask("SCRIPT FLUSH");
        assertThat(append(stream(), shared("{}", null))).isPositive();
        assertThat(append(elsewhere(), shared("{}", null))).isPositive();
    }

    @Test
    void nodesTellEachOther() {
        List<String> heard = new CopyOnWriteArrayList<>();
        AtomicInteger missed = new AtomicInteger();
        List<String> own = new CopyOnWriteArrayList<>();
        first.nodes().listen(heard::add, missed::incrementAndGet);
        second.nodes().listen(own::add, () -> {});
        for (int i = 0; i < 100; i++) {
            second.nodes().announce("n" + i);
        }
        Server.await("they are heard", SOON, () -> heard.size() == 100);
        assertThat(heard.get(0)).isEqualTo("n0");
        assertThat(heard.get(99)).isEqualTo("n99");
        assertThat(own).as("its own").isEmpty();

        int before = missed.get();
        network.cut();
        second.nodes().announce("while it is down");
        network.mend();
        Server.await("everything is read again", SOON, () -> missed.get() > before);
        assertThat(heard).hasSize(100);
    }

    @Test
    void whatANodeCouldNotAnnounceOthersReadAgain() {
        AtomicInteger missed = new AtomicInteger();
        second.nodes().listen(message -> {}, missed::incrementAndGet);
        cut();
        first.nodes().announce("in vain");
        int before = missed.get();
        network.mend();
        Server.await("everything is read again", SOON, () -> missed.get() > before);
    }

    @Test
    void whatANodeThatFellSilentCouldNotAnnounceOthersReadAgain() {
        AtomicInteger missed = new AtomicInteger();
        second.nodes().listen(message -> {}, missed::incrementAndGet);
        first.nodes().announce("here I am");
        Server.await("it is known", SOON, () -> second.redisNodes().others() == 1);
        int before = missed.get();
        network.cut();
        Server.await("everything is read again", SOON, () -> missed.get() > before);
    }

    @Test
    void nodesRememberForAWhile() throws Exception {
        first.nodes().remember("key", "värde", Duration.ofMinutes(1));
        first.nodes().remember("short", "value", Duration.ofMillis(50));
        Server.await("it is known", SOON, () -> recall("key").equals(Optional.of("värde")));
        Server.await("it is over", SOON, () -> recall("short").isEmpty());
        assertThat(recall("unknown")).isEmpty();
        cut();
        assertThat(first.nodes().recall("key").toCompletableFuture()).isCompletedExceptionally();
    }

    private Optional<String> recall(String key) {
        return second.nodes().recall(key).toCompletableFuture().join();
    }
}
