package org.draugar.status;

import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import org.draugar.family.Caller;
import org.draugar.http.Problem;
import org.draugar.operator.OperatorKey;

/** What the server lacks, for those who can see to it: admins and the operator. It tells nothing about anybody. */
@Path("checkup")
@Produces(MediaType.APPLICATION_JSON)
public class CheckupResource {
    @Inject
    private Checkup checkup;

    @Inject
    private OperatorKey key;

    /** {@code check} and {@code state} are words of the contract, {@code message} is for people. */
    public record CheckView(String check, String state, String message) {}

    /** {@code {"status":"ok","checks":[…]}}: {@code warning} where one of them is. */
    public record CheckupView(String status, List<CheckView> checks) {}

    /**
     * How the server is, as the caller reaches it: 401 without a token of an admin or the operator's key, but for programs
     * on the server's machine; 403 for other members; 400.
     *
     * @param now the caller's time, ISO 8601, by which the server's clock is judged
     */
    @GET
    public CheckupView checkup(
            @QueryParam("now") String now, @Context HttpServletRequest request, @Context SecurityContext security) {
        if (security.getUserPrincipal() != null || !key.isOperator(request)) {
            Caller.of(security).requireAdmin();
        }
        List<CheckView> checks = checkup.of(request, time(now)).stream()
                .map(check ->
                        new CheckView(check.check(), check.state().name().toLowerCase(Locale.ROOT), check.message()))
                .toList();
        boolean warning = checks.stream().anyMatch(check -> check.state().equals("warning"));
        return new CheckupView(warning ? "warning" : "ok", checks);
    }

    private static Instant time(String now) {
        try {
            return now == null ? null : Instant.parse(now);
        } catch (DateTimeParseException e) {
            throw new Problem(400, "now: expected your time, such as 2026-11-29T08:00:00Z");
        }
    }
}
