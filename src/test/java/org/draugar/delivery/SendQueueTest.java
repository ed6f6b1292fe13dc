package org.draugar.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.stream.Envelope;
import org.draugar.stream.Framing;
import org.junit.jupiter.api.Test;

/** What one peer gets, while it keeps up and while it does not. */
class SendQueueTest {
    private static final List<MemberId> MEMBERS = List.of(new MemberId(1), new MemberId(2), new MemberId(3));

    private static final FamilyId FAMILY = new FamilyId(1);

    private int framings;
    private final Framing framing = envelope -> {
        framings++;
        return envelope.payload();
    };

    /** A peer that takes a frame when it is told to. */
    private static final class Peer implements Transport {
        final List<String> heard = new ArrayList<>();
        private Runnable done;

        @Override
        public void send(String frame, Runnable whenDone) {
            assertThat(done).as("one frame in flight").isNull();
            heard.add(frame);
            done = whenDone;
        }

        @Override
        public void ping(Runnable whenDone) {
            send("ping", whenDone);
        }

        @Override
        public void close(CloseReason reason) {
            throw new IllegalStateException("An queue closes nothing");
        }

        void read() {
            Runnable taken = done;
            done = null;
            taken.run();
        }

        void readAll() {
            while (done != null) {
                read();
            }
        }
    }

    private final Peer peer = new Peer();
    private final SendQueue queue = new SendQueue(framing, peer);

    @Test
    void whoKeepsUpHearsEverythingInOrder() {
        for (int i = 0; i < 1000; i++) {
            send(position(i));
            peer.read();
        }
        assertThat(peer.heard)
                .isEqualTo(IntStream.range(0, 1000).mapToObj(Integer::toString).toList());
    }

    @Test
    void answersToPositionsGoFirstAndNoneIsLeftOut() {
        send(position(0));
        send(position(1));
        for (int i = 0; i < 20_000; i++) {
            queue.answer(Envelope.reply("ack", "a" + i));
        }
        assertThat(queue.isFullOfAnswers()).isTrue();
        peer.readAll();
        assertThat(queue.isFullOfAnswers()).isFalse();
        assertThat(peer.heard).hasSize(20_002).startsWith("0", "a0", "a1").endsWith("a19999", "1");
    }

    @Test
    void whoFallsBehindHearsTheLatestOfEachMember() {
        for (int i = 0; i < 3000; i++) {
            send(position(i));
        }
        peer.readAll();
        assertThat(peer.heard).hasSizeLessThan(300).containsOnlyOnce("2997", "2998", "2999");
        for (int member = 0; member < MEMBERS.size(); member++) {
            int whose = member;
            assertThat(peer.heard.stream().map(Integer::valueOf).filter(i -> i % MEMBERS.size() == whose))
                    .isSorted();
        }
        send(position(3000));
        assertThat(peer.heard).endsWith("3000");
    }

    @Test
    void whoFallsBehindHearsEveryAlarm() {
        for (int i = 0; i < 3000; i++) {
            send(i % 300 == 7 ? position(i).unskippable() : position(i));
        }
        peer.readAll();
        assertThat(peer.heard)
                .hasSizeLessThan(310)
                .contains("7", "307", "607", "907", "1207", "1507", "1807", "2107", "2407", "2707");
    }

    @Test
    void answersAreNotThinnedOutAndSoHaveABound() {
        int taken = 0;
        while (queue.add(Envelope.reply("error", "{}"))) {
            taken++;
        }
        assertThat(taken).isEqualTo(1024);
        queue.flush();
        peer.readAll();
        assertThat(peer.heard).hasSize(1024);
    }

    @Test
    void anEventIsWrittenOnceForAllWhoHearIt() {
        Envelope event = position(0);
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Peer another = new Peer();
            SendQueue itsOutbox = new SendQueue(framing, another);
            itsOutbox.add(event);
            itsOutbox.flush();
            peers.add(another);
        }
        assertThat(framings).isEqualTo(1);
        assertThat(peers).allSatisfy(one -> assertThat(one.heard).containsExactly("0"));
    }

    private void send(Envelope envelope) {
        assertThat(queue.add(envelope)).isTrue();
        queue.flush();
    }

    private static Envelope position(int number) {
        Envelope.Key key = new Envelope.Key("location", MEMBERS.get(number % MEMBERS.size()));
        return Envelope.shared(FAMILY, "location:broadcast", Integer.toString(number), key, null, number, null)
                .placeAt(number);
    }
}
