package org.draugar.protocol;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.draugar.delivery.StoredStream;
import org.draugar.family.Families;
import org.draugar.family.FamilyId;
import org.draugar.family.Pauses;
import org.draugar.location.Tracks;
import org.draugar.presence.Presence;
import org.draugar.protocol.ServerMessage.ErrorMessage;
import org.draugar.settings.Settings;
import org.draugar.stream.Envelope;
import org.draugar.stream.Offsets;

/** What is known of a family beside its live stream: the stored positions, and who is connected and who has paused. */
@Singleton
class StoredLocations implements StoredStream {
    private static final Envelope GAP = Conversation.reply(new ErrorMessage(
            "gap", "since: too long ago, what was missed is no longer stored; here is the latest state instead", null));
    private static final Envelope UNAVAILABLE = Conversation.reply(
            new ErrorMessage("unavailable", "The store does not answer right now; subscribe again in a moment", null));

    private final Tracks tracks;
    private final Families families;
    private final Pauses pauses;
    private final Presence presence;
    private final Duration history;

    @Inject
    StoredLocations(Tracks tracks, Families families, Pauses pauses, Presence presence, Settings settings) {
        this.families = families;
        this.pauses = pauses;
        this.presence = presence;
        this.tracks = tracks;
        this.history = settings.history();
    }

    @Override
    public List<Envelope> now(FamilyId family) {
        return Stream.concat(
                        presence.online(family).stream().map(member -> StateEnvelopes.presence(family, member, true)),
                        pauses.current(family).entrySet().stream()
                                .map(entry ->
                                        StateEnvelopes.pause(family, entry.getKey(), Optional.of(entry.getValue()))))
                .toList();
    }

    @Override
    public Envelope gap() {
        return GAP;
    }

    @Override
    public Envelope unavailable() {
        return UNAVAILABLE;
    }

    @Override
    public List<Envelope> latest(FamilyId family) {
        return tracks.latest(family).stream().map(LocationEnvelopes::of).toList();
    }

    @Override
    public Optional<Page> after(FamilyId family, long offset, int most) {
        Duration term = families.family(family).term(history);
        if (offset < Offsets.at(Instant.now().minus(term))) {
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
