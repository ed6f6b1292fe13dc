package org.draugar.places;

import org.jdbi.v3.core.Handle;

/** Whoever wants to know of visits while they are written, to write more in the same transaction. */
public interface VisitWatcher {

    /** A visit has begun; it may be over already, and long ago. */
    void arrived(Handle handle, Visit visit);

    /** A visit has ended, because its member was seen elsewhere; it may be long ago. */
    void left(Handle handle, Visit visit);
}
