package org.draugar.protocol;

import jakarta.websocket.DecodeException;
import java.time.Instant;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.location.Fix;
import org.draugar.location.StoredReport;
import org.draugar.location.Tracks;
import org.draugar.stream.Offsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** How long it takes to read a position and to write one: {@code mvn -Pjmh}. */
@State(Scope.Benchmark)
public class CodecBenchmark {
    private final String text = "{\"type\":\"location:update\",\"latitude\":64.146600,\"longitude\":-21.942600,"
            + "\"accuracy\":12.5,\"timestamp\":\"2026-11-23T08:00:00.120Z\"}";
    private final ClientMessageDecoder decoder = new ClientMessageDecoder();
    private final Tracks.Named position = new Tracks.Named(
            new StoredReport(
                    FamilyId.random(),
                    MemberId.random(),
                    DeviceId.random(),
                    Offsets.at(Instant.EPOCH),
                    null,
                    new Fix(
                            64.1466,
                            -21.9426,
                            Instant.parse("2026-11-23T08:00:00.120Z"),
                            12.5,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null)),
            "Bj\u00f6rn");

    @Benchmark
    public ClientMessage decode() throws DecodeException {
        return decoder.decode(text);
    }

    @Benchmark
    public String encode() {
        return LocationEnvelopes.of(position).framed(ServerMessageEncoder.NATIVE);
    }
}
