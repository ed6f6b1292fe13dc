package org.draugar.alarms;

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
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.draugar.family.Caller;
import org.draugar.family.FamilyId;
import org.draugar.family.Here;
import org.draugar.family.HistoryErased;
import org.draugar.family.MemberId;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.location.Fix;
import org.draugar.location.LocationShared;
import org.draugar.location.Outcome;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * Keeps the alarms that were raised lately. The family hears of each once: with its position, or, where no place is known,
 * by itself. Thread-safe.
 */
@Singleton
public class Alarms {
    private static final Logger LOG = System.getLogger(Alarms.class.getName());

    private static final Duration KEPT = Duration.ofDays(1);
    /** Some apps send an alarm again after a few seconds, and do not say when it was raised. */
    private static final Duration SAME = Duration.ofMinutes(1);

    private static final int MAX_OF_A_MEMBER = 100;
    private static final int MAX_A_MINUTE = 20;
    private static final int MAX_WAITING = 1000;
    private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

    private final Store store;
    private final Pauses pauses;
    private final Event<Alarm> facts;
    private final AtomicInteger waiting = new AtomicInteger();
    private Executor background;
    /** Completes with the one that came last. Guarded by this. */
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    @Inject
    Alarms(Store store, Pauses pauses, Event<Alarm> facts) {
        this.store = store;
        this.pauses = pauses;
        this.facts = facts;
    }

    /**
     * To be called once, before the first position.
     *
     * @param executor where alarms are stored
     */
    public void start(Executor executor) {
        background = executor;
    }

    void told(@Observes LocationShared shared) {
        if (shared.report() instanceof Fix fix && fix.alarm() != null) {
            inTurn(() -> keep(shared.sender(), fix.alarm(), fix.measuredAt())).exceptionally(failure -> {
                // The family has heard of it with the position.
                LOG.log(Level.WARNING, "An alarm could not be stored by itself: {0}", failure.getMessage());
                return null;
            });
        }
    }

    /**
     * Raises an alarm that no place is known for, unless its sender is paused, or was; a call for help ends the pause
     * instead. The same within a minute is the
     * same one.
     *
     * @param raisedAt when that was, as the device says
     * @return completes when it is stored, exceptionally when it could not be
     */
    public CompletableFuture<Outcome> raise(Caller sender, String about, Instant raisedAt) {
        boolean isCall = about.equalsIgnoreCase("sos");
        if (isCall) {
            // Whoever calls for help wants to be found.
            pauses.end(sender.family(), sender.member());
        } else if (pauses.current(sender.member()).isPresent() || pauses.cover(sender.member(), raisedAt)) {
            return CompletableFuture.completedFuture(Outcome.PAUSED);
        }
        return inTurn(() -> {
            keep(sender, about, null).ifPresent(facts::fire);
            return Outcome.STORED;
        });
    }

    /** Does it after all before it: while the store hangs, alarms keep one thread. */
    private synchronized <T> CompletableFuture<T> inTurn(Supplier<T> work) {
        if (waiting.get() >= MAX_WAITING) {
            return CompletableFuture.failedFuture(
                    new Problem(503, "Too many alarms wait for the store; send it again later", TRY_AGAIN));
        }
        waiting.incrementAndGet();
        CompletableFuture<T> turn = last.handleAsync((done, failure) -> work.get(), background);
        last = turn.whenComplete((done, failure) -> waiting.decrementAndGet());
        return turn;
    }

    /** @return empty where it is known, or one of too many */
    private Optional<Alarm> keep(Caller sender, String about, Instant measuredAt) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return store.jdbi().inTransaction(handle -> {
            List<Alarm> lately = list(handle, sender.family(), now.minus(SAME)).stream()
                    .filter(alarm -> alarm.member().equals(sender.member()))
                    .toList();
            boolean known = measuredAt == null
                    && lately.stream()
                            .anyMatch(alarm ->
                                    alarm.measuredAt() == null && alarm.about().equals(about));
            if (known || lately.size() >= MAX_A_MINUTE) {
                return Optional.empty();
            }
            handle.createUpdate("insert into alarm (member_id, about, heard_at, measured_at)"
                            + " values (:member, :about, :now, :measured)")
                    .bind("member", sender.member().value())
                    .bind("about", about)
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .bind("measured", measuredAt == null ? null : measuredAt.atOffset(ZoneOffset.UTC))
                    .execute();
            handle.createUpdate("delete from alarm where member_id = :member and (heard_at < :old or seq not in"
                            + " (select seq from alarm where member_id = :member order by seq desc"
                            + " fetch first :most rows only))")
                    .bind("member", sender.member().value())
                    .bind("old", now.minus(KEPT).atOffset(ZoneOffset.UTC))
                    .bind("most", MAX_OF_A_MEMBER)
                    .execute();
            return Optional.of(
                    new Alarm(sender.family(), sender.member(), sender.memberName(), about, now, measuredAt));
        });
    }

    /** Those that a member raised in the last day, the newest first. */
    public List<Alarm> of(FamilyId family, MemberId member) {
        return list(family).stream()
                .filter(alarm -> alarm.member().equals(member))
                .toList();
    }

    /** Those of a family's last day, the newest first. */
    List<Alarm> list(FamilyId family) {
        return store.jdbi()
                .withHandle(handle -> list(handle, family, Instant.now().minus(KEPT)));
    }

    private static List<Alarm> list(Handle handle, FamilyId family, Instant since) {
        return handle.createQuery("select m.family_id, m.id, m.name, a.about, a.heard_at, a.measured_at"
                        + " from alarm a join member m on m.id = a.member_id"
                        + " where m.family_id = :family and a.heard_at > :since order by a.seq desc")
                .bind("family", family.value())
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .map((row, context) -> alarm(row))
                .list();
    }

    private static Alarm alarm(ResultSet row) throws SQLException {
        OffsetDateTime measured = row.getObject("measured_at", OffsetDateTime.class);
        return new Alarm(
                new FamilyId(row.getLong("family_id")),
                new MemberId(row.getLong("id")),
                row.getString("name"),
                row.getString("about"),
                row.getObject("heard_at", OffsetDateTime.class).toInstant(),
                measured == null ? null : measured.toInstant());
    }

    /** To be run now and then: forgets those of earlier days. */
    public void look() {
        store.jdbi().useHandle(handle -> handle.createUpdate("delete from alarm where heard_at < :old")
                .bind("old", Instant.now().minus(KEPT).atOffset(ZoneOffset.UTC))
                .execute());
    }

    void forget(@Observes @Here HistoryErased erased) {
        store.jdbi().useHandle(handle -> handle.createUpdate("delete from alarm where member_id = :member")
                .bind("member", erased.member().value())
                .execute());
    }
}
