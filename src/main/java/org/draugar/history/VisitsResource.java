package org.draugar.history;

import jakarta.inject.Inject;
import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.Member;
import org.draugar.http.Problem;
import org.draugar.places.Visits;

/** When a member of the caller's family was at which place. */
@Path("users/{id}/visits")
@Produces(MediaType.APPLICATION_JSON)
public class VisitsResource {
    @Inject
    private Families families;

    @Inject
    private Visits visits;

    /** {@code {"placeId","name","arrivedAt","leftAt"}}; {@code leftAt} is null while they are there. */
    public record VisitView(
            String placeId,
            String name,
            Instant arrivedAt,
            @JsonbProperty(value = "leftAt", nillable = true) Instant leftAt) {

        static VisitView of(Visits.Told visit) {
            return new VisitView(visit.placeId(), visit.name(), visit.arrivedAt(), visit.leftAt());
        }
    }

    /**
     * Those that touch a time, by when they arrived: {@code {"visits":[…]}}. None is made of what only the family's devices
     * can read. 400, 404.
     */
    @GET
    public Map<String, List<VisitView>> list(
            @PathParam("id") String id,
            @QueryParam("from") String from,
            @QueryParam("to") String to,
            @Context SecurityContext security) {
        Caller caller = Caller.of(security);
        Member member = families.members(caller.family()).stream()
                .filter(known -> known.id().toString().equals(id))
                .findFirst()
                .orElseThrow(() -> new Problem(404, "There is no such member in your family"));
        HistoryQuery query = HistoryQuery.parse(from, to, "asc", null);
        return Map.of(
                "visits",
                visits.list(caller.family(), member.id(), query.from(), query.to()).stream()
                        .map(VisitView::of)
                        .toList());
    }
}
