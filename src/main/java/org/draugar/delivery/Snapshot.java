package org.draugar.delivery;

import java.util.Map;
import org.draugar.family.FamilyId;

/** Where a family's stream finds its latest state when it starts in memory. */
@FunctionalInterface
public interface Snapshot {

    /** The stored state of a family. May block on the store, and fail with it. */
    Map<Envelope.Key, Envelope> load(FamilyId family);
}
