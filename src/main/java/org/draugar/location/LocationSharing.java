package org.draugar.location;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.draugar.family.Caller;
import org.draugar.family.HistoryErased;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.family.Pauses;
import org.draugar.http.Problem;
import org.draugar.store.InOrder;
import org.draugar.stream.FamilyStream;

/**
 * Takes reports in: each is checked, told to the family at once, and kept, unless its sender is paused. Doors call this;
 * nobody else does. Thread-safe.
 */
@Singleton
public class LocationSharing {
    private static final Logger LOG = System.getLogger(LocationSharing.class.getName());
    private static final Duration CALL_IS_NEWS = Duration.ofMinutes(15);
    private static final CompletionStage<Outcome> PAUSED = CompletableFuture.completedStage(Outcome.PAUSED);

    private final LocationStream stream;
    private final Event<LocationShared> facts;
    private final PositionStore positions;
    private final KnownIds knownIds;
    private final Tracks tracks;
    private final Pauses pauses;
    /** A request's worth of one member's waits, so that it gets in as a whole, and no flood. */
    private final InOrder<MemberId> inOrder = new InOrder<>(8000);

    private final Stragglers stragglers;

    @Inject
    LocationSharing(
            LocationStream stream,
            Event<LocationShared> facts,
            PositionStore positions,
            KnownIds knownIds,
            Tracks tracks,
            Pauses pauses,
            Stragglers stragglers) {
        this.stream = stream;
        this.facts = facts;
        this.positions = positions;
        this.tracks = tracks;
        this.knownIds = knownIds;
        this.pauses = pauses;
        this.stragglers = stragglers;
    }

    /**
     * To be called once, before the first report.
     *
     * @param background where reports wait for the store
     */
    public void start(Executor background) {
        inOrder.start(background);
        // However much is stored, nobody waits for it at the start.
        background.execute(() -> {
            try {
                knownIds.start();
            } catch (RuntimeException e) {
                LOG.log(
                        Level.WARNING,
                        "What came lately could not be read; it is when more comes: {0}",
                        e.getMessage());
            }
        });
    }

    /**
     * Shares a report that came by request.
     *
     * @see #share(Caller, String, Report, Instant)
     */
    public CompletionStage<Outcome> share(Caller sender, String id, Report report) {
        return share(sender, id, report, null);
    }

    /**
     * Shares a report with the sender's family, unless the sender is paused, or was when it was measured. One that does
     * not say when that was counts as measured now, unless it may be left over from a pause.
     *
     * @param ownId the sender's own id of at most 64 characters, or null; the same id again is neither told nor kept
     *     twice, but an alarm is an event of its own, also when it comes with what was sent before
     * @param openedAt when the connection was opened that it came by, or null where it came by request
     * @return completes when the report is safely stored, exceptionally when it could not be; whoever promises the
     *     sender anything waits for it. With {@link Outcome#PAUSED} where it is neither told nor stored. With a
     *     {@link Problem} where one of those below was found only later. A call for help ends the pause instead
     * @throws Problem 400 when a value is out of range, 403 when the sender is no member any more, 409 when there are too
     *     many positions of that hour, 429 when the sender sends too much, 503 when too many reports wait for the store,
     *     or the family's stream does not answer
     */
    public CompletionStage<Outcome> share(Caller sender, String ownId, Report said, Instant openedAt) {
        if (said.measuredAt() == null && stragglers.mayBeOne(sender, openedAt)) {
            return PAUSED;
        }
        Report report =
                said instanceof Encrypted encrypted && said.measuredAt() == null ? encrypted.at(Instant.now()) : said;
        check(report);
        boolean isCall = isCall(report);
        if (isCall) {
            pauses.end(sender.family(), sender.member());
        }
        String id =
                ownId != null && report instanceof Fix fix && fix.alarm() != null ? ownId + "#" + fix.alarm() : ownId;
        if (!isCall && isPaused(sender, report)) {
            return PAUSED;
        }
        CompletableFuture<Outcome> later = new CompletableFuture<>();
        Runnable inTurn = () -> takeInTurn(sender, id, report, later);
        if (inOrder.join(sender.member(), inTurn)) {
            return later;
        }
        return take(sender, id, report, false).orElseGet(() -> {
            inOrder.await(sender.member(), inTurn);
            return later;
        });
    }

    private void takeInTurn(Caller sender, String id, Report report, CompletableFuture<Outcome> later) {
        try {
            take(sender, id, report, true).orElseThrow().whenComplete((outcome, failure) -> {
                if (failure == null) {
                    later.complete(outcome);
                } else {
                    later.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException | Error e) {
            later.completeExceptionally(e);
        }
    }

    /** @return empty when only the store can tell whether it came before, and {@code mayWait} is false */
    private Optional<CompletionStage<Outcome>> take(Caller sender, String id, Report report, boolean mayWait) {
        MemberId member = sender.member();
        PendingReport fate = new PendingReport();
        CompletableFuture<Void> stored = fate.stored();
        PendingReport earlier = knownIds.putIfAbsent(member, id, report.measuredAt(), fate, mayWait);
        if (earlier == KnownIds.ASK_STORE) {
            return Optional.empty();
        }
        if (earlier != null) {
            // It may come from a connection that broke and be on its way only now: what follows it here must not
            // overtake it.
            earlier.placed().join();
            return Optional.of(outcome(earlier.stored()));
        }
        if (id != null) {
            stored.whenComplete((done, failure) -> knownIds.settle(member, id, failure == null));
        }
        try {
            // Room comes first: what has been told to the family must also find room to be kept.
            positions.reserve(report);
            stream.append(sender, id, report, new Placing(sender, id, report, stored));
        } catch (RuntimeException | Error e) {
            stored.completeExceptionally(e);
            throw e;
        } finally {
            fate.placed().complete(null);
        }
        return Optional.of(outcome(stored));
    }

    private static CompletionStage<Outcome> outcome(CompletableFuture<Void> stored) {
        return stored.handle((done, failure) -> {
            if (failure == null) {
                return Outcome.STORED;
            }
            if (failure instanceof PausedMeanwhile) {
                return Outcome.PAUSED;
            }
            throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
        });
    }

    /** Its sender has paused between the check and the stream. */
    private static final class PausedMeanwhile extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PausedMeanwhile() {
            super(Outcome.PAUSED_WORDS, null, false, false);
        }
    }

    /** What becomes of a report in the family's stream: the store keeps it, in the order of the stream. */
    private final class Placing implements FamilyStream.Appending {
        private final Caller sender;
        private final String id;
        private final Report report;
        private final CompletableFuture<Void> stored;

        Placing(Caller sender, String id, Report report, CompletableFuture<Void> stored) {
            this.sender = sender;
            this.id = id;
            this.report = report;
            this.stored = stored;
        }

        @Override
        public void placed(long offset) {
            StoredReport kept = new StoredReport(sender.family(), sender.member(), sender.device(), offset, id, report);
            stored.thenRun(() -> facts.fire(new LocationShared(sender, report)));
            positions.append(kept, stored);
        }

        @Override
        public void closed() {
            positions.release(report);
            stored.completeExceptionally(
                    isPaused(sender, report)
                            ? new PausedMeanwhile()
                            : new Problem(403, "You are no longer a member of this family"));
        }

        @Override
        public void failed(RuntimeException reason) {
            positions.release(report);
            stored.completeExceptionally(reason);
        }
    }

    /**
     * The last position of a member that the server can read.
     *
     * @throws Problem 503 when the store does not answer
     */
    public Optional<Fix> lastKnown(MemberId member) {
        return tracks.lastFix(member);
    }

    /** Whoever calls for help wants to be found, and is not paused any more. Not by what a tracker sends hours later. */
    private static boolean isCall(Report report) {
        return report instanceof Fix fix
                && "sos".equalsIgnoreCase(fix.alarm())
                && fix.measuredAt().isAfter(Instant.now().minus(CALL_IS_NEWS));
    }

    private boolean isPaused(Caller sender, Report report) {
        return pauses.current(sender.member()).isPresent() || pauses.cover(sender.member(), report.measuredAt());
    }

    void forget(@Observes MemberRemoved removed) {
        knownIds.forget(removed.member());
    }

    void forget(@Observes HistoryErased erased) {
        knownIds.relearn(erased.member());
    }

    private static void check(Report report) {
        if (report instanceof Fix fix) {
            range("latitude", fix.latitude(), -90, 90);
            range("longitude", fix.longitude(), -180, 180);
            range("accuracy", fix.accuracy(), 0, 1e8);
            range("altitude", fix.altitude(), -20_000, 1e8);
            range("speed", fix.speed(), 0, 1e5);
            range("bearing", fix.bearing(), 0, 360);
            range("battery", fix.battery(), 0, 1);
            if (fix.isNowhere()) {
                throw new Problem(400, "latitude and longitude: 0, 0 is what a device says that knows no place");
            }
        }
        String fault = Times.fault(report.measuredAt(), Instant.now());
        if (fault != null) {
            throw new Problem(400, fault);
        }
    }

    private static void range(String field, Double value, double least, double most) {
        // Written so that NaN fails too.
        if (value != null && !(value >= least && value <= most)) {
            throw new Problem(400, field + ": expected a number from " + number(least) + " to " + number(most));
        }
    }

    private static String number(double value) {
        return Long.toString((long) value);
    }
}
