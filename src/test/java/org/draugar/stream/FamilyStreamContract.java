package org.draugar.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.stream.Envelope.Key;
import org.draugar.support.Server;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link FamilyStream} does, on one node and from node to node. */
abstract class FamilyStreamContract {
    final FamilyId family = FamilyId.random();
    final MemberId member = MemberId.random();
    final MemberId other = MemberId.random();
    final DeviceId device = DeviceId.random();

    /** The stream as a node sees it; the same for both where there is one node. */
    abstract FamilyStream stream();

    /** The same as another node sees it. */
    abstract FamilyStream elsewhere();

    final Envelope shared(String payload, String id) {
        return shared(member, payload, id);
    }

    final Envelope shared(MemberId whose, String payload, String id) {
        return Envelope.shared(family, "location:broadcast", payload, new Key("location", whose), device, 7, id);
    }

    final Envelope state(String payload) {
        return Envelope.toAll(family, "pause:changed", payload, new Key("pause", member), true);
    }

    static long append(FamilyStream stream, Envelope event) {
        Outcome outcome = new Outcome();
        stream.append(event, outcome);
        return outcome.await();
    }

    final FollowerLog follow(FamilyStream stream) {
        FollowerLog log = new FollowerLog();
        stream.follow(family, log).toCompletableFuture().join();
        return log;
    }

    @Test
    void theEventsOfAThreadComeInItsOrderAndOffsetsGrow() {
        FollowerLog log = follow(elsewhere());
        List<Outcome> outcomes = new ArrayList<>();
        List<String> sent =
                IntStream.range(0, 500).mapToObj(i -> "{\"n\":" + i + "}").toList();
        for (String payload : sent) {
            Outcome outcome = new Outcome();
            outcomes.add(outcome);
            stream().append(shared(payload, null), outcome);
        }
        log.await(sent.size());
        assertThat(log.payloads()).isEqualTo(sent);
        assertThat(log.offsets()).isSorted().doesNotHaveDuplicates();
        assertThat(outcomes.stream().map(Outcome::await)).isEqualTo(log.offsets());
        assertThat(log.gaps()).isEmpty();
    }

    @Test
    void allFollowersSeeTheSameOrder() {
        FollowerLog here = follow(stream());
        FollowerLog there = elsewhere() == stream() ? here : follow(elsewhere());
        List<CompletableFuture<Void>> senders = new ArrayList<>();
        for (FamilyStream from : List.of(stream(), elsewhere(), stream(), elsewhere())) {
            senders.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 200; i++) {
                    from.append(shared("{}", null), FamilyStream.Appending.IGNORED);
                }
            }));
        }
        senders.forEach(CompletableFuture::join);
        here.await(800);
        there.await(800);
        assertThat(here.offsets()).isSorted().doesNotHaveDuplicates().isEqualTo(there.offsets());
    }

    @Test
    void anEventComesAsItWasSent() {
        FollowerLog log = follow(elsewhere());
        Instant until = Instant.ofEpochMilli(System.currentTimeMillis() + 100_000);
        Envelope closing = state("{\"who\":\"Zoë 👻\"}").unskippable().closing(until);
        long offset = append(stream(), closing);
        Envelope told = log.await(1).get(0);
        assertThat(told.offset()).isEqualTo(offset).isEqualTo(closing.offset());
        assertThat(told)
                .usingRecursiveComparison()
                .ignoringFields("framed", "madeAt")
                .isEqualTo(closing);
        append(stream(), state("{}").opening());
        append(stream(), shared("{\"é\":1}", "id 1"));
        Envelope position = log.await(3).get(2);
        assertThat(position)
                .usingRecursiveComparison()
                .ignoringFields("framed", "madeAt", "offset")
                .isEqualTo(shared("{\"é\":1}", "id 1"));
    }

    /** Behind that, the store may have a later event before an earlier one. */
    @Test
    void whatIsHeldSaysUpToWhere() {
        long first = append(stream(), shared("{\"n\":1}", null));
        assertThat(elsewhere().held(family, first - 1).upTo()).isEqualTo(first);
        long last = append(elsewhere(), shared("{\"n\":2}", null));
        assertThat(stream().held(family, first).upTo()).isEqualTo(last);
        assertThat(stream().held(family, 0).upTo()).isEqualTo(last);
    }

    @Test
    void aPlaceIsKnownBeforeAnybodyOnItsNodeIsTold() {
        List<String> order = new ArrayList<>();
        FollowerLog log = new FollowerLog() {
            @Override
            public synchronized void take(Envelope event) {
                synchronized (order) {
                    order.add("told " + event.payload());
                }
                super.take(event);
            }
        };
        stream().follow(family, log).toCompletableFuture().join();
        for (int i = 0; i < 300; i++) {
            String payload = "{\"n\":" + i + "}";
            stream().append(shared(payload, null), new FamilyStream.Appending() {
                @Override
                public void placed(long offset) {
                    synchronized (order) {
                        order.add("placed " + payload);
                    }
                }

                @Override
                public void closed() {}

                @Override
                public void failed(RuntimeException reason) {}
            });
        }
        log.await(300);
        for (int i = 0; i < 300; i++) {
            String payload = "{\"n\":" + i + "}";
            assertThat(order.indexOf("placed " + payload)).isNotNegative().isLessThan(order.indexOf("told " + payload));
        }
    }

    @Test
    void aClosedStreamTakesNothingOfItsMemberUntilItIsOpened() {
        FollowerLog log = follow(stream());
        append(stream(), state("{\"paused\":true}").closing(null));
        assertThat(append(elsewhere(), shared("{}", "a"))).isEqualTo(Outcome.CLOSED);
        assertThat(append(stream(), shared(other, "{\"other\":1}", "a"))).isPositive();
        append(elsewhere(), state("{\"paused\":false}").opening());
        assertThat(append(stream(), shared("{\"back\":1}", "a"))).isPositive();
        log.await(4);
        assertThat(log.payloads())
                .containsExactly("{\"paused\":true}", "{\"other\":1}", "{\"paused\":false}", "{\"back\":1}");
    }

    @Test
    void itOpensByItselfWhenItsTimeIsOver() {
        stream().close(family, member, Instant.now().plusMillis(600));
        assertThat(append(stream(), shared("{}", null))).isEqualTo(Outcome.CLOSED);
        Server.await("it opens", Duration.ofSeconds(5), () -> append(elsewhere(), shared("{}", null)) > 0);
    }

    @Test
    void itCanBeClosedWithoutAnEvent() {
        FollowerLog log = follow(stream());
        stream().close(family, member, null);
        assertThat(append(stream(), shared("{}", null))).isEqualTo(Outcome.CLOSED);
        append(stream(), shared(other, "{}", null));
        assertThat(log.await(1)).hasSize(1);
    }

    @Test
    void aFollowerHearsWhatComesBehindTheOffsetWhereItBegan() {
        long before = append(stream(), shared("{\"before\":1}", null));
        FollowerLog log = new FollowerLog();
        long behind = elsewhere().follow(family, log).toCompletableFuture().join();
        assertThat(behind).isGreaterThanOrEqualTo(before);
        assertThat(append(stream(), shared("{\"after\":1}", null))).isGreaterThan(behind);
        log.await(1);
        assertThat(log.payloads()).containsExactly("{\"after\":1}");
    }

    @Test
    void whoDoesNotFollowAnyMoreHearsNothing() {
        FollowerLog ended = follow(elsewhere());
        append(stream(), shared("{\"first\":1}", null));
        ended.await(1);
        elsewhere().unfollow(family);
        append(stream(), shared("{\"second\":1}", null));
        FollowerLog log = follow(elsewhere());
        append(stream(), shared("{\"third\":1}", null));
        log.await(1);
        assertThat(log.payloads()).containsExactly("{\"third\":1}");
        assertThat(ended.payloads()).containsExactly("{\"first\":1}");
        assertThat(log.offsets().get(0)).isGreaterThan(ended.offsets().get(0));
    }

    @Test
    void familiesDoNotHearEachOther() {
        FollowerLog log = follow(elsewhere());
        FamilyId foreign = FamilyId.random();
        append(
                stream(),
                Envelope.shared(foreign, "location:broadcast", "{}", new Key("location", member), device, 7, null));
        append(stream(), shared("{\"ours\":1}", null));
        log.await(1);
        assertThat(log.payloads()).containsExactly("{\"ours\":1}");
    }

    @Test
    void whatIsHeldIsAllOfItOrSaysThatItIsNot() {
        long first = append(stream(), shared("{\"n\":1}", null));
        append(stream(), shared("{\"n\":2}", null));
        long third = append(stream(), shared("{\"n\":3}", null));
        FamilyStream.Held held = elsewhere().held(family, first);
        if (held.all()) {
            assertThat(held.events().stream().map(Envelope::payload)).containsExactly("{\"n\":2}", "{\"n\":3}");
            assertThat(held.events().get(1).offset()).isEqualTo(third);
        }
        assertThat(elsewhere().held(family, 0).all()).isFalse();
        stream().forget(family);
        assertThat(append(stream(), shared("{\"n\":4}", null))).isGreaterThan(third);
        FamilyStream.Held later = elsewhere().held(family, first);
        assertThat(later.all()).isFalse();
        assertThat(later.events().stream().map(Envelope::payload)).doesNotContain("{\"n\":2}", "{\"n\":3}");
    }

    @Test
    void nothingIsWrong() {
        append(stream(), shared("{}", null));
        assertThat(stream().trouble()).isEmpty();
    }
}
