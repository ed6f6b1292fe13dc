package org.draugar.delivery;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.monitoring.HealthCheck;
import org.draugar.stream.Envelope;
import org.draugar.stream.FamilyStream;

/**
 * Looks whether events still come through: it appends one of nobody's to the families' stream each time it is asked, and
 * follows that stream like a channel. A line that has died and tells nobody is found so, and nothing else finds it.
 */
@Singleton
public class DeliveryProbe implements HealthCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final FamilyStream stream;
    private final Duration patience;
    /** No family, and of this run of this node alone. */
    private final FamilyId nobody = FamilyId.random();

    private final Envelope.Key key = new Envelope.Key("probe", MemberId.random());
    private boolean following;
    private volatile long seenAt;

    @Inject
    DeliveryProbe(FamilyStream stream) {
        this(stream, PATIENCE);
    }

    /** @param patience for so long an event may be on its way */
    DeliveryProbe(FamilyStream stream, Duration patience) {
        this.stream = stream;
        this.patience = patience;
    }

    FamilyId family() {
        return nobody;
    }

    @Override
    public Optional<String> trouble() {
        if (!following) {
            following = true;
            seenAt = System.nanoTime();
            stream.follow(nobody, new Seen());
        }
        stream.append(Envelope.toAll(nobody, "probe", "{}", key, false), FamilyStream.Appending.IGNORED);
        Duration silent = Duration.ofNanos(System.nanoTime() - seenAt);
        return silent.compareTo(patience) < 0
                ? Optional.empty()
                : Optional.of("Live events have not come through for " + silent.toSeconds() + " seconds.");
    }

    private final class Seen implements FamilyStream.Follower {
        @Override
        public void take(Envelope event) {
            seenAt = System.nanoTime();
        }

        @Override
        public void flush() {
            // Nobody waits for it.
        }

        @Override
        public void missed(long behind, long upTo) {
            // The next one tells.
        }
    }
}
