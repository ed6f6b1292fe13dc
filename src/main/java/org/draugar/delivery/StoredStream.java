package org.draugar.delivery;

import java.util.List;
import java.util.Optional;
import org.draugar.family.FamilyId;
import org.draugar.stream.Envelope;

/** What is known of every family beside its live stream. */
public interface StoredStream {

    /** The states that connections are told at once, such as who is paused: known without the store. */
    List<Envelope> now(FamilyId family);

    /** An answer: what was missed is not stored any more, the latest state follows. */
    Envelope gap();

    /** An answer: the store does not answer. */
    Envelope unavailable();

    /** The latest state of everything that a subscriber starts from. Blocks on the store, and fails with it. */
    List<Envelope> latest(FamilyId family);

    /**
     * A part of the stream, in its order.
     *
     * @param more whether more followed it before it was read
     */
    record Page(List<Envelope> events, boolean more) {}

    /**
     * What the stream carried after an offset. Blocks on the store, and fails with it.
     *
     * @param most how many are wanted at once
     * @return empty when what came after the offset is not stored any more, or cannot be told in good time
     */
    Optional<Page> after(FamilyId family, long offset, int most);

    /** The highest offset that was ever stored. Blocks on the store, and fails with it. */
    long lastOffset();
}
