package org.draugar.audit;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.util.List;
import org.draugar.family.Caller;
import org.draugar.family.FamilyId;
import org.draugar.http.Problem;
import org.draugar.identity.SecretRefused;
import org.draugar.operator.OperatorKey;

/** What happened about who may what: an admin sees their family's, the operator everything. */
@Path("log")
@Produces(MediaType.APPLICATION_JSON)
public class LogResource {
    private static final int PAGE = 200;

    @Inject
    private AuditLog log;

    @Inject
    private OperatorKey key;

    @Inject
    private Event<SecretRefused> refusals;

    /** What happened: ids and times; what does not belong to it is left out. {@code by}: who did it. */
    public record LogEntryView(
            Instant at,
            String event,
            String familyId,
            String userId,
            String by,
            String deviceId,
            String inviteId,
            Long times) {

        static LogEntryView of(Entry entry) {
            return new LogEntryView(
                    entry.at(),
                    entry.event(),
                    text(entry.family()),
                    text(entry.member()),
                    text(entry.by()),
                    text(entry.device()),
                    text(entry.invite()),
                    entry.times());
        }

        private static String text(Object id) {
            return id == null ? null : id.toString();
        }
    }

    /** {@code {"entries":[…],"next":"…"}}: the path of the page before this one, if there is one. */
    public record LogView(List<LogEntryView> entries, String next) {}

    /** The newest entries first, 200 at a time: 401 without a token of an admin or the operator's key, 403, 400. */
    @GET
    public LogView log(
            @QueryParam("before") String before,
            @HeaderParam("Authorization") String authorization,
            @Context SecurityContext security) {
        FamilyId family = null;
        if (key.isIn(authorization)) {
            log.writeRefused();
        } else {
            if (authorization != null && security.getUserPrincipal() == null) {
                refusals.fire(new SecretRefused());
            }
            Caller caller = Caller.of(security);
            caller.requireAdmin();
            family = caller.family();
        }
        List<Entry> entries = log.list(family, place(before), PAGE);
        return new LogView(
                entries.stream().map(LogEntryView::of).toList(),
                entries.size() < PAGE
                        ? null
                        : "/api/log?before=" + entries.get(entries.size() - 1).seq());
    }

    private static long place(String before) {
        if (before == null) {
            return Long.MAX_VALUE;
        }
        if (!before.matches("[0-9]{1,18}")) {
            throw new Problem(400, "before: expected the number that next names");
        }
        return Long.parseLong(before);
    }
}
