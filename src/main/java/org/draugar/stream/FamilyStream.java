package org.draugar.stream;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.monitoring.HealthCheck;

/**
 * The events of each family, in one order that all its followers share, on every node. Places are offsets: they only
 * grow, also across restarts, and are never given out twice. Thread-safe.
 */
public interface FamilyStream extends HealthCheck {

    /**
     * To be called once, before everything else.
     *
     * @param above at least every offset that is stored: no offset is given out twice, whatever the clock does
     */
    void begin(long above);

    /**
     * Gives an event its place and tells it to the family's followers. The events of one thread get their places in the
     * order in which that thread brings them. Does not block.
     *
     * <p>A stream of several nodes remembers the ids of ten minutes: the same id of the same member again has the place
     * that it had, and is not told again. Where a server is alone, its sender remembers them.
     *
     * @param outcome told one of its outcomes, once
     */
    void append(Envelope event, Appending outcome);

    /** What becomes of an event. Its methods must be quick and must not throw: the family's stream waits for them. */
    interface Appending {

        /** For an event that is not stored. */
        Appending IGNORED = new Appending() {
            @Override
            public void placed(long offset) {}

            @Override
            public void closed() {}

            @Override
            public void failed(RuntimeException reason) {}
        };

        /** It has its place, and no follower has heard of it before this. In this process in the order of the stream. */
        void placed(long offset);

        /** The stream is closed to its member: there is no event. */
        void closed();

        /** The stream does not answer: it is not known whether there is an event. To be sent again with the same id. */
        void failed(RuntimeException reason);
    }

    /**
     * Takes no more of the {@link Envelope#isShared shared} events of a member, from this place of the stream on.
     *
     * @param until when the stream opens again by itself, or null for never
     */
    void close(FamilyId family, MemberId member, Instant until);

    /**
     * Tells a follower the events of a family from now on. A node follows a family once.
     *
     * @return the offset behind which it is told everything; exceptionally when the stream does not answer, and then it
     *     is followed as soon as it does
     */
    CompletionStage<Long> follow(FamilyId family, Follower follower);

    /** Ends that. */
    void unfollow(FamilyId family);

    /** Hears the events of a family. Must not block, and must not call the stream. */
    interface Follower {

        /** The next event, in the order of the stream. */
        void take(Envelope event);

        /** There are no more for a moment: what was taken may be sent. */
        void flush();

        /**
         * Some events were missed, and are to be looked for in the store. What is taken next comes after them.
         *
         * @param behind the offset behind which they are
         * @param upTo the highest offset that one of them may have
         */
        void missed(long behind, long upTo);
    }

    /**
     * Events that are no longer on their way, and that the store may not have yet.
     *
     * @param all whether these are all that there were behind the offset that was asked for
     * @param events in order
     * @param upTo the last place of which it speaks: what the store has behind it may lack what another node stores later
     */
    record Held(boolean all, List<Envelope> events, long upTo) {}

    /** The events that the stream still holds behind an offset: none in this process. May block for some seconds. */
    Held held(FamilyId family, long offset);

    /** Holds none of a family's earlier events any more, because some of them were deleted. */
    void forget(FamilyId family);

    /** Why events do not reach their families right now, in words for the operator; empty when they do. */
    @Override
    Optional<String> trouble();
}
