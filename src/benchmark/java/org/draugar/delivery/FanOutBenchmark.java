package org.draugar.delivery;

import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.family.Role;
import org.draugar.stream.Envelope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How long it takes to hand an event to the connections of a family, up to their transports: {@code mvn -Pjmh}. */
@State(Scope.Benchmark)
public class FanOutBenchmark {
    @Param({"5", "50"})
    private int members;

    private final Channel channel = new Channel(Runnable::run, (connection, number, since) -> {});
    private Caller sender;
    private long frames;
    private long offset;

    @Setup
    public void connect() {
        FamilyId family = FamilyId.random();
        for (int i = 0; i < members; i++) {
            sender = new Caller(family, MemberId.random(), DeviceId.random(), "Member " + i, Role.MEMBER);
            Connection connection =
                    new Connection("benchmark", sender, envelope -> envelope.payload(), new Transport() {
                        @Override
                        public void send(String frame, Runnable done) {
                            frames += frame.length();
                            done.run();
                        }

                        @Override
                        public void ping(Runnable done) {
                            done.run();
                        }

                        @Override
                        public void close(CloseReason reason) {}
                    });
            channel.add(connection);
            channel.subscribe(connection, 0);
        }
    }

    @Benchmark
    public long fanOut() {
        channel.take(Envelope.shared(
                        sender.family(),
                        "location:broadcast",
                        "{\"latitude\":64.1466,\"longitude\":-21.9426}",
                        new Envelope.Key("location", sender.member()),
                        sender.device(),
                        System.currentTimeMillis(),
                        null)
                .placeAt(++offset));
        channel.flush();
        return frames;
    }
}
