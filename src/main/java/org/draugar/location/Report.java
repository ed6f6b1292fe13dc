package org.draugar.location;

import java.time.Instant;

/** What a device reports: a position in the clear, or one that only the family's devices can read. */
public sealed interface Report permits Fix, Encrypted {

    /** When it was measured; null where the sender does not say, as an {@link Encrypted} one may not. */
    Instant measuredAt();
}
