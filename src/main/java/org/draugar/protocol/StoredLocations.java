package org.draugar.protocol;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.draugar.delivery.Envelope;
import org.draugar.delivery.StoredStream;
import org.draugar.family.Families;
import org.draugar.family.FamilyId;
import org.draugar.location.Tracks;
import org.draugar.settings.Settings;

/** The part of a family's stream that is stored: the positions. */
@Singleton
class StoredLocations implements StoredStream {
    private final Tracks tracks;
    private final Families families;
    private final Duration history;

    @Inject
    StoredLocations(Tracks tracks, Families families, Settings settings) {
        this.families = families;
        this.tracks = tracks;
        this.history = settings.history();
    }

    @Override
    public List<Envelope> latest(FamilyId family) {
        return tracks.latest(family).stream().map(LocationEnvelopes::of).toList();
    }

    @Override
    public Optional<Page> after(FamilyId family, long offset, int most) {
        Duration term = families.family(family).term(history);
        if (offset < Envelope.offsetAt(Instant.now().minus(term))) {
            return Optional.empty();
        }
        return tracks.after(family, offset, most)
                .map(page -> new Page(
                        page.reports().stream().map(LocationEnvelopes::of).toList(), page.more()));
    }

    @Override
    public long lastOffset() {
        return tracks.lastOffset();
    }
}
