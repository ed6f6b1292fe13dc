package org.draugar.delivery;

import java.util.List;
import java.util.Optional;
import org.draugar.family.FamilyId;

/** What is stored of every family's stream. All of it may block on the store, and fail with it. */
public interface StoredStream {

    /** The latest state of everything that a subscriber starts from. */
    List<Envelope> latest(FamilyId family);

    /**
     * What the stream carried after an offset, in its order.
     *
     * @param most how many are wanted at once; when there are fewer, these are all that had their place before the call
     * @return empty when what came after the offset is not stored any more
     */
    Optional<List<Envelope>> after(FamilyId family, long offset, int most);

    /** The highest offset that was ever stored. */
    long lastOffset();
}
