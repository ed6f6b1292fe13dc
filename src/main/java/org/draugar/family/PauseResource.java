package org.draugar.family;

import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.draugar.http.Body;
import org.draugar.http.Problem;

/**
 * The caller's ghost mode: while it lasts, no device of theirs shares a position, and the family is told that they are
 * paused. What was measured meanwhile is not taken in later either.
 */
@Path("pause")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class PauseResource {
    private static final int MAX_HOURS = 24 * 30;

    @Inject
    private Pauses pauses;

    /** {@code {"hours"}}, 1 to 720, or {@code {"until"}}, a moment within these; neither: until the member ends it. */
    public record PauseRequest(Integer hours, String until) {}

    /** {@code {"paused","until"}}; {@code until} is left out where the member ends it. */
    public record PauseView(boolean paused, Instant until) {}

    /** Whether the caller is paused, and until when. */
    @GET
    public PauseView show(@Context SecurityContext security) {
        Optional<Pause> pause = pauses.current(Caller.of(security).member());
        return new PauseView(pause.isPresent(), pause.map(Pause::until).orElse(null));
    }

    /** Pauses the caller, or gives the pause another end: 200 with what is so now, 400 for a time that cannot be. */
    @PUT
    public PauseView begin(InputStream body, @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        pauses.begin(
                caller.family(),
                caller.member(),
                Body.readOrEmpty(body, PauseRequest.class)
                        .map(PauseResource::end)
                        .orElse(null));
        return show(security);
    }

    /** Ends the caller's pause; without one it does nothing. */
    @DELETE
    public void end(@Context SecurityContext security) {
        Caller caller = Caller.of(security);
        pauses.end(caller.family(), caller.member());
    }

    private static Instant end(PauseRequest wanted) {
        Instant now = Instant.now();
        if (wanted.hours() != null && wanted.until() != null) {
            throw new Problem(400, "Expected hours or until, not both");
        }
        if (wanted.hours() != null && (wanted.hours() < 1 || wanted.hours() > MAX_HOURS)) {
            throw new Problem(400, "hours: expected 1 to " + MAX_HOURS + ", or none to pause until you end it");
        }
        if (wanted.hours() == null && wanted.until() == null) {
            return null;
        }
        Instant end = wanted.hours() == null ? moment(wanted.until()) : now.plus(Duration.ofHours(wanted.hours()));
        if (!end.isAfter(now) || end.isAfter(now.plus(Duration.ofHours(MAX_HOURS)))) {
            throw new Problem(400, "until: expected a moment within the next " + MAX_HOURS + " hours");
        }
        return end.truncatedTo(ChronoUnit.MILLIS);
    }

    private static Instant moment(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new Problem(400, "until: expected ISO 8601 with a zone, such as 2026-11-23T08:00:00Z");
        }
    }
}
