package org.draugar.alerts;

import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.Here;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.notifications.Notification;
import org.draugar.notifications.Notifications;
import org.draugar.store.Store;

/** Asks members where they are, on behalf of others: nobody but they, or their app, answers. Thread-safe. */
@Singleton
public class Locating {
    /** Between two questions of one member to another. */
    static final Duration PAUSE = Duration.ofMinutes(5);

    private final Store store;
    private final Notifications notifications;
    private final Event<FamilyEvent> facts;

    @Inject
    Locating(Store store, Notifications notifications, @Here Event<FamilyEvent> facts) {
        this.store = store;
        this.notifications = notifications;
        this.facts = facts;
    }

    /** @throws Problem 429 when the caller has just asked */
    void ask(Caller caller, MemberId whom) {
        long now = System.currentTimeMillis();
        store.jdbi().useTransaction(handle -> {
            Optional<Long> before = handle.createQuery(
                            "select at from locate_request where to_id = :to and from_id = :from")
                    .bind("to", whom.value())
                    .bind("from", caller.member().value())
                    .mapTo(Long.class)
                    .findOne();
            // A clock that was put back makes nobody wait for longer.
            before.filter(at -> at <= now && now - at < PAUSE.toMillis()).ifPresent(at -> {
                throw new Problem(
                        429,
                        "You have asked them less than 5 minutes ago",
                        PAUSE.minusMillis(now - at).plusMillis(999).truncatedTo(ChronoUnit.SECONDS));
            });
            int asked = before.isEmpty()
                    ? handle.createUpdate("insert into locate_request (to_id, from_id, at) values (:to, :from, :now)"
                                    + " on conflict do nothing")
                            .bind("to", whom.value())
                            .bind("from", caller.member().value())
                            .bind("now", now)
                            .execute()
                    : handle.createUpdate("update locate_request set at = :now"
                                    + " where to_id = :to and from_id = :from and at = :before")
                            .bind("to", whom.value())
                            .bind("from", caller.member().value())
                            .bind("now", now)
                            .bind("before", before.get())
                            .execute();
            if (asked == 0) {
                throw new Problem(429, "You are asking them right now", PAUSE);
            }
            notifications.tell(
                    handle,
                    Notification.of(
                            caller.family(),
                            whom,
                            Notification.Kind.LOCATE,
                            "locate " + caller.member() + " " + now,
                            caller.memberName() + " asks where you are",
                            "",
                            caller.member(),
                            null));
        });
        facts.fire(new LocateRequested(caller.family(), whom, caller.member(), caller.device(), caller.memberName()));
    }

    /** When a member was asked last, within the last minutes. */
    public Optional<Instant> askedAt(MemberId member) {
        return store.jdbi().withHandle(handle -> handle.createQuery(
                        "select max(at) from locate_request where to_id = :member and at > :since")
                .bind("member", member.value())
                .bind("since", System.currentTimeMillis() - PAUSE.toMillis())
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli));
    }
}
