package org.draugar.presence;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.draugar.family.Caller;

/** That a device shares is known by its positions; that it shares no more, it has to say. */
@Path("sharing")
public class SharingResource {
    @Inject
    private Event<SharingStopped> facts;

    /** Tells the family that the caller's device shares no more: 204, also where it did not share. */
    @DELETE
    public void stop(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        facts.fire(new SharingStopped(
                caller.family(), caller.member(), Instant.now().truncatedTo(ChronoUnit.MILLIS)));
    }
}
