package org.draugar.alerts;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.draugar.alarms.Alarm;
import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.Ids;
import org.draugar.family.MemberId;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.location.Fix;
import org.draugar.location.LocationShared;
import org.draugar.notifications.Notification;
import org.draugar.notifications.Notifications;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * The calls for help: each is told to the whole family at once, and each minute again to who has not acknowledged it, for
 * half an hour. A member has one at a time: what they or their trackers call while it goes on is the same. Whoever calls
 * is not paused any more: the family must find them. Thread-safe.
 */
@Singleton
public class Calls {
    private static final Logger LOG = System.getLogger(Calls.class.getName());

    private static final Duration TOLD_AGAIN = Duration.ofMinutes(30);
    private static final Duration KEPT = Duration.ofDays(30);

    private final Store store;
    private final Pauses pauses;
    private final Notifications notifications;
    private final Event<FamilyEvent> facts;
    private Executor background;

    @Inject
    Calls(Store store, Pauses pauses, Notifications notifications, @Here Event<FamilyEvent> facts) {
        this.store = store;
        this.pauses = pauses;
        this.notifications = notifications;
        this.facts = facts;
    }

    /** To be called once, before the first position. @param executor where trackers' calls are stored */
    public void start(Executor executor) {
        background = executor;
    }

    void hear(@Observes LocationShared shared) {
        boolean isCall = shared.report() instanceof Fix fix
                && "sos".equalsIgnoreCase(fix.alarm())
                && fix.measuredAt().isAfter(Instant.now().minus(Alerts.NEWS));
        if (isCall) {
            later(shared.family(), shared.sender().member());
        }
    }

    void hear(@Observes Alarm alarm) {
        if ("sos".equalsIgnoreCase(alarm.about())) {
            later(alarm.family(), alarm.member());
        }
    }

    /** Whoever fires these is in a hurry. */
    private void later(FamilyId family, MemberId member) {
        try {
            background.execute(() -> {
                try {
                    call(family, member, null);
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "A tracker''s call for help could not be stored: {0}", e.getMessage());
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.log(Level.ERROR, "A tracker''s call for help could not be stored: the server stops");
        }
    }

    /** Calls for help. @param message at most 500 characters, or null */
    Call call(FamilyId family, MemberId member, String message) {
        pauses.end(family, member);
        Call called = store.jdbi().inTransaction(handle -> {
            handle.createQuery("select id from member where id = :member for update")
                    .bind("member", member.value())
                    .mapTo(Long.class)
                    .findOne();
            Optional<Call> open = list(handle, family, " and s.ended_at is null").stream()
                    .filter(call -> call.member().equals(member)
                            && call.at().isAfter(Instant.now().minus(TOLD_AGAIN)))
                    .findFirst();
            if (open.isPresent() && message == null) {
                return open.get();
            }
            Call fresh = open.map(call -> new Call(
                            call.id(), family, member, call.at(), message, call.acknowledgedBy(), Optional.empty()))
                    .orElseGet(() -> new Call(
                            Ids.random(),
                            family,
                            member,
                            Instant.now().truncatedTo(ChronoUnit.MILLIS),
                            message,
                            List.of(),
                            Optional.empty()));
            if (open.isPresent()) {
                handle.createUpdate("update sos set message = :message where id = :id")
                        .bind("message", message)
                        .bind("id", fresh.id())
                        .execute();
            } else {
                handle.createUpdate("insert into sos (id, member_id, called_at, message)"
                                + " values (:id, :member, :at, :message)")
                        .bind("id", fresh.id())
                        .bind("member", member.value())
                        .bind("at", fresh.at().toEpochMilli())
                        .bind("message", message)
                        .execute();
            }
            tell(handle, fresh, 0);
            return fresh;
        });
        store.sync();
        facts.fire(new CallChanged(called));
        return called;
    }

    /** @param round which minute it is */
    private void tell(Handle handle, Call call, long round) {
        String name = Alerts.name(handle, call.member());
        handle.createQuery("select m.id from member m where m.family_id = :family and m.id <> :member"
                        + " and not exists (select 1 from sos_off o where o.member_id = m.id)"
                        + " and not exists (select 1 from sos_acknowledged a"
                        + " where a.sos_id = :id and a.member_id = m.id)")
                .bind("family", call.family().value())
                .bind("member", call.member().value())
                .bind("id", call.id())
                .mapTo(Long.class)
                .list()
                .forEach(to -> notifications.tell(
                        handle,
                        Notification.of(
                                call.family(),
                                new MemberId(to),
                                Notification.Kind.SOS,
                                "sos " + call.id() + " " + round,
                                name + " needs help",
                                call.message() == null ? "" : call.message(),
                                call.member(),
                                null)));
    }

    /** To be run every few seconds: tells again, and forgets what is long over. */
    public void look() {
        if (!store.isLeader()) {
            return;
        }
        long now = System.currentTimeMillis();
        for (Call call : store.jdbi().withHandle(Calls::open)) {
            long round = (now - call.at().toEpochMilli()) / 60_000;
            if (round > 0 && round < TOLD_AGAIN.toMinutes()) {
                store.jdbi().useTransaction(handle -> tell(handle, call, round));
            }
        }
        store.jdbi().useHandle(handle -> handle.createUpdate("delete from sos where called_at < :old")
                .bind("old", now - KEPT.toMillis())
                .execute());
    }

    private static List<Call> open(Handle handle) {
        return list(
                handle,
                null,
                " and s.ended_at is null and s.called_at > "
                        + Instant.now().minus(TOLD_AGAIN).toEpochMilli());
    }

    /** Those of a family's last day, the newest first. */
    List<Call> list(FamilyId family) {
        return store.jdbi()
                .withHandle(handle -> list(
                        handle,
                        family,
                        " and s.called_at > "
                                + Instant.now().minus(Duration.ofDays(1)).toEpochMilli()));
    }

    /** @param family null for all */
    private static List<Call> list(Handle handle, FamilyId family, String which) {
        return handle.createQuery("select s.*, m.family_id from sos s join member m on m.id = s.member_id where "
                        + (family == null ? "1 = 1" : "m.family_id = " + family.value()) + which
                        + " order by s.called_at desc")
                .map((row, context) -> call(handle, row))
                .list();
    }

    private static Call call(Handle handle, ResultSet row) throws SQLException {
        long ended = row.getLong("ended_at");
        boolean goesOn = row.wasNull();
        long id = row.getLong("id");
        return new Call(
                id,
                new FamilyId(row.getLong("family_id")),
                new MemberId(row.getLong("member_id")),
                Instant.ofEpochMilli(row.getLong("called_at")),
                row.getString("message"),
                handle.createQuery("select member_id from sos_acknowledged where sos_id = :id order by at, member_id")
                        .bind("id", id)
                        .mapTo(Long.class)
                        .map(MemberId::new)
                        .list(),
                goesOn ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ended)));
    }

    /** Somebody in the family has seen a call. @throws Problem 404 */
    void acknowledge(Caller caller, Optional<Long> id) {
        Call call = store.jdbi().inTransaction(handle -> {
            Call found = find(handle, caller.family(), id);
            handle.createUpdate("insert into sos_acknowledged (sos_id, member_id, at) values (:id, :member, :now)"
                            + " on conflict do nothing")
                    .bind("id", found.id())
                    .bind("member", caller.member().value())
                    .bind("now", System.currentTimeMillis())
                    .execute();
            return find(handle, caller.family(), id);
        });
        facts.fire(new CallChanged(call));
    }

    /** Its caller ends it. @throws Problem 403, 404 */
    void end(Caller caller, Optional<Long> id) {
        Call call = store.jdbi().inTransaction(handle -> {
            Call found = find(handle, caller.family(), id);
            if (!found.member().equals(caller.member())) {
                throw new Problem(403, "Only who has called for help may end it; others acknowledge it");
            }
            handle.createUpdate("update sos set ended_at = :now where id = :id and ended_at is null")
                    .bind("now", System.currentTimeMillis())
                    .bind("id", found.id())
                    .execute();
            return find(handle, caller.family(), id);
        });
        facts.fire(new CallChanged(call));
    }

    private static Call find(Handle handle, FamilyId family, Optional<Long> id) {
        return id.flatMap(wanted ->
                        list(handle, family, " and s.id = " + wanted).stream().findFirst())
                .orElseThrow(() -> new Problem(404, "There is no such SOS in your family"));
    }

    /** Whether a member is told of calls for help. */
    boolean isWanted(MemberId member) {
        return store.jdbi()
                .withHandle(handle -> handle.createQuery("select member_id from sos_off where member_id = :member")
                        .bind("member", member.value())
                        .mapTo(Long.class)
                        .findOne()
                        .isEmpty());
    }

    /** Says whether they are. */
    void want(MemberId member, boolean wanted) {
        store.jdbi().useHandle(handle -> handle.createUpdate(
                        wanted
                                ? "delete from sos_off where member_id = :member"
                                : "insert into sos_off (member_id) values (:member) on conflict do nothing")
                .bind("member", member.value())
                .execute());
    }
}
