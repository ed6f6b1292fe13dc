package org.draugar.delivery;

import java.time.Instant;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.Role;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** How long it takes to give a position its place and to hand it to the family: {@code mvn -Pjmh}. */
@State(Scope.Benchmark)
public class FanOutBenchmark {
    private static final String PAYLOAD = "{\"latitude\":64.1466,\"longitude\":-21.9426}";

    @Param({"2", "5", "50"})
    private int members;

    private Channel channel;
    private Envelope.Key key;
    private DeviceId origin;

    @Setup
    public void join(Blackhole peers) {
        channel = new Channel(0);
        FamilyId family = FamilyId.random();
        for (int i = 0; i < members; i++) {
            Caller caller = new Caller(family, MemberId.random(), DeviceId.random(), "Anna", Role.MEMBER);
            key = new Envelope.Key("location", caller.member());
            origin = caller.device();
            Connection connection = new Connection("jmh", caller, Envelope::payload, new Peer(peers));
            channel.add(connection);
            channel.subscribe(connection, channel.unsubscribe(connection));
        }
    }

    @Benchmark
    public boolean publish() {
        return channel.publish(Envelope.toSubscribers(
                "location:broadcast", PAYLOAD, key, origin, Instant.now().toEpochMilli(), offset -> true));
    }

    /** Reads at once. */
    private record Peer(Blackhole ears) implements Transport {
        @Override
        public void send(String frame, Runnable done) {
            ears.consume(frame);
            done.run();
        }

        @Override
        public void ping(Runnable done) {
            done.run();
        }

        @Override
        public void close(CloseReason reason) {
            throw new IllegalStateException("Nobody is to be closed here");
        }
    }
}
