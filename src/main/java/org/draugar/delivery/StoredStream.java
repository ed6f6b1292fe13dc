package org.draugar.delivery;

import java.util.List;
import java.util.Optional;
import org.draugar.family.FamilyId;

/** What is stored of every family's stream. All of it may block on the store, and fail with it. */
public interface StoredStream {

    /** The latest state of everything that a subscriber starts from. */
    List<Envelope> latest(FamilyId family);

    /**
     * A part of the stream, in its order.
     *
     * @param more whether more followed it before it was read
     */
    record Page(List<Envelope> events, boolean more) {}

    /**
     * What the stream carried after an offset.
     *
     * @param most how many are wanted at once
     * @return empty when what came after the offset is not stored any more, or cannot be told in good time
     */
    Optional<Page> after(FamilyId family, long offset, int most);

    /** The highest offset that was ever stored. */
    long lastOffset();
}
