package org.draugar.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.draugar.support.Server;

/** Writes down what a follower is told. */
class FollowerLog implements FamilyStream.Follower {
    private final List<Envelope> taken = new ArrayList<>();
    private final List<long[]> missed = new ArrayList<>();
    private int flushed;

    @Override
    public synchronized void take(Envelope event) {
        taken.add(event);
    }

    @Override
    public synchronized void flush() {
        flushed = taken.size();
    }

    @Override
    public synchronized void missed(long behind, long upTo) {
        missed.add(new long[] {behind, upTo});
    }

    synchronized List<Envelope> taken() {
        return List.copyOf(taken);
    }

    synchronized List<long[]> gaps() {
        return List.copyOf(missed);
    }

    synchronized int flushed() {
        return flushed;
    }

    List<String> payloads() {
        return taken().stream().map(Envelope::payload).toList();
    }

    List<Long> offsets() {
        return taken().stream().map(Envelope::offset).toList();
    }

    /** Waits until so many have been told and may be sent. */
    List<Envelope> await(int count) {
        Server.await(
                () -> count + " events, there are " + taken().size(), Duration.ofSeconds(20), () -> flushed() >= count);
        return taken();
    }
}
