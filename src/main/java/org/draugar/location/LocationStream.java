package org.draugar.location;

import org.draugar.family.Caller;
import org.draugar.stream.FamilyStream;

/** The way of a report to the family: written as an event, and appended to the family's stream. */
public interface LocationStream {

    /** Appends a report. Does not block. @param id the sender's own id for it, or null */
    void append(Caller sender, String id, Report report, FamilyStream.Appending outcome);
}
