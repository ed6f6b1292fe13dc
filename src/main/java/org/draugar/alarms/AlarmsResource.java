package org.draugar.alarms;

import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import java.time.Instant;
import java.util.List;
import org.draugar.family.Caller;

/** The alarms of the last day: for those who come later, and were not told live. */
@Path("alarms")
@Produces(MediaType.APPLICATION_JSON)
public class AlarmsResource {
    @Inject
    private Alarms alarms;

    /** Who raised it, about what, when it was heard, and of when the position is, or null. */
    public record KeptAlarmView(String userId, String name, String alarm, Instant at, Instant measuredAt) {
        static KeptAlarmView of(Alarm alarm) {
            return new KeptAlarmView(
                    alarm.member().toString(), alarm.memberName(), alarm.about(), alarm.at(), alarm.measuredAt());
        }
    }

    /** {@code {"alarms":[…]}}, the newest first. */
    public record AlarmsView(List<KeptAlarmView> alarms) {}

    /** Those of the caller's family: 401 without a token. */
    @GET
    public AlarmsView list(@Context SecurityContext security) {
        return new AlarmsView(alarms.list(Caller.of(security).family()).stream()
                .map(KeptAlarmView::of)
                .toList());
    }
}
