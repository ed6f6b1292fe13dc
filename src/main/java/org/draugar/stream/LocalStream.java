package org.draugar.stream;

import jakarta.enterprise.inject.Vetoed;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/** The streams of a server that is alone: one lock for each family. Holds no events; the store does. Thread-safe. */
@Vetoed
public final class LocalStream implements FamilyStream {
    private final Map<FamilyId, Line> lines = new ConcurrentHashMap<>();
    /** At least every offset that was given out by a stream that is not in memory. */
    private final AtomicLong above = new AtomicLong();

    private static final class Line {
        private long offset;
        private Follower follower;
        private boolean retired;
        /** The members to whom it is closed, and until when. */
        private final Map<MemberId, Instant> closed = new HashMap<>(0);

        Line(long offset) {
            this.offset = offset;
        }

        boolean isClosedTo(MemberId member) {
            Instant until = closed.isEmpty() ? null : closed.get(member);
            return until != null && until.isAfter(Instant.now());
        }

        /** @return whether it has a place for the event */
        boolean append(Envelope event, Appending outcome) {
            if (event.isShared() && isClosedTo(event.key().member())) {
                outcome.closed();
                return false;
            }
            offset = Math.max(offset + 1, Offsets.now());
            event.placeAt(offset);
            outcome.placed(offset);
            if (event.closes()) {
                close(event.key().member(), event.closesUntil());
            } else if (event.opens()) {
                closed.remove(event.key().member());
            }
            if (follower != null) {
                follower.take(event);
            }
            return true;
        }

        void close(MemberId member, Instant until) {
            closed.put(member, until == null ? Instant.MAX : until);
        }
    }

    @Override
    public void begin(long stored) {
        above.set(stored);
    }

    @Override
    public void append(Envelope event, Appending outcome) {
        Follower follower = on(event.family(), line -> line.append(event, outcome) ? line.follower : null);
        if (follower != null) {
            follower.flush();
        }
    }

    @Override
    public void close(FamilyId family, MemberId member, Instant until) {
        on(family, line -> {
            line.close(member, until);
            return null;
        });
    }

    @Override
    public CompletionStage<Long> follow(FamilyId family, Follower follower) {
        return CompletableFuture.completedStage(on(family, line -> {
            line.follower = follower;
            return line.offset;
        }));
    }

    @Override
    public void unfollow(FamilyId family) {
        lines.computeIfPresent(family, (f, line) -> {
            synchronized (line) {
                line.retired = true;
                above.accumulateAndGet(line.offset, Math::max);
                return null;
            }
        });
    }

    @Override
    public Held held(FamilyId family, long offset) {
        return new Held(false, List.of(), on(family, line -> line.offset));
    }

    @Override
    public void forget(FamilyId family) {
        // It holds none.
    }

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    /** Does something with a family's line, under its lock. */
    private <T> T on(FamilyId family, Function<Line, T> work) {
        while (true) {
            Line line = lines.computeIfAbsent(family, f -> new Line(Math.max(above.get(), Offsets.now())));
            synchronized (line) {
                if (!line.retired) {
                    return work.apply(line);
                }
            }
            // Retired a moment ago: the next look makes its successor.
            Thread.onSpinWait();
        }
    }
}
