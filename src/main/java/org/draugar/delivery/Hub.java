package org.draugar.delivery;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.HistoryErased;
import org.draugar.family.Member;
import org.draugar.family.MemberChanged;
import org.draugar.family.MemberId;
import org.draugar.family.MemberRemoved;
import org.draugar.http.Batches;

/**
 * All live connections of this server, by family. Doors open and close connections here, the fan-out publishes here;
 * nothing ever crosses from one family to another, because each has a channel of its own. Thread-safe.
 */
@Singleton
public class Hub {
    private static final Logger LOG = System.getLogger(Hub.class.getName());

    private static final int PAGE = 200;

    private final StoredStream stored;
    private final Batches batches;
    private final Event<FamilyEvent> facts;
    private final Map<FamilyId, Channel> channels = new ConcurrentHashMap<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    /** At least every offset that a stream which is not in memory has given out. */
    private final AtomicLong above = new AtomicLong();

    /** Who may have come in a moment before they went, and opens only now. Never forgotten: they are few. */
    private final Set<MemberId> left = ConcurrentHashMap.newKeySet();

    private final Set<DeviceId> signedOut = ConcurrentHashMap.newKeySet();

    private final Map<MemberId, Member> changed = new ConcurrentHashMap<>();

    private volatile boolean stopped;
    private Executor executor;

    @Inject
    Hub(StoredStream stored, Batches batches, Event<FamilyEvent> facts) {
        this.stored = stored;
        this.batches = batches;
        this.facts = facts;
    }

    /**
     * To be called once, before the first connection.
     *
     * @param background where streams are read from the store
     */
    public void start(Executor background) {
        executor = background;
        // No offset may be given out twice, whatever the clock does.
        above.set(stored.lastOffset());
    }

    /** Takes a new connection in. */
    public void open(Connection connection) {
        Caller caller = connection.caller();
        connections.add(connection);
        channels.compute(caller.family(), (family, known) -> {
            Channel channel = known == null ? new Channel(above.get()) : known;
            channel.add(connection);
            return channel;
        });
        connection.flush();
        rename(connection);
        LOG.log(Level.INFO, "{0} connected", connection.id());
        facts.fire(new ConnectionOpened(caller));
        if (stopped) {
            connection.close(CloseReason.GOING_AWAY);
        } else if (left.contains(caller.member())) {
            connection.close(CloseReason.NOT_A_MEMBER);
        } else if (signedOut.contains(caller.device())) {
            connection.close(CloseReason.REVOKED);
        }
    }

    /**
     * Forgets a connection that has ended; calling it again does nothing.
     *
     * @param reason what the transport knows of why, used where the server itself did not end it
     */
    public void closed(Connection connection, String reason) {
        if (!connections.remove(connection)) {
            return;
        }
        connection.disconnected();
        channel(connection.caller().family()).remove(connection);
        CloseReason ours = connection.closedFor();
        LOG.log(
                Level.INFO,
                "{0} disconnected: {1}",
                connection.id(),
                ours == null ? reason : ours.code() + " " + ours.text());
        facts.fire(new ConnectionClosed(connection.caller()));
    }

    /** Sends something to the connections of one member alone, as an answer to each. */
    public void tell(FamilyId family, MemberId member, Envelope envelope) {
        for (Connection connection : channel(family).connections()) {
            if (connection.caller().member().equals(member)) {
                connection.reply(envelope);
            }
        }
    }

    /** Publishes an event to a family. */
    public void publish(FamilyId family, Envelope envelope) {
        batches.together(() -> {
            while (!channel(family).publish(envelope)) {
                // Retired a moment ago: the next look finds or makes its successor.
                Thread.onSpinWait();
            }
        });
    }

    /** Whether the latest state is known without the store: where not, to subscribe to it waits for that. */
    public boolean isLoaded(Connection connection) {
        return channel(connection.caller().family()).isLoaded();
    }

    /**
     * Starts the stream for a connection: what it missed since an offset, from memory or from the store, or else the
     * latest state; then what comes.
     *
     * @param since offset of the last event that the peer has, or null
     * @param gap told first when what it missed is not stored any more
     * @param unavailable told instead when the store does not answer
     */
    public void subscribe(Connection connection, Long since, Envelope gap, Envelope unavailable) {
        Channel channel = channel(connection.caller().family());
        Subscription subscription =
                new Subscription(connection, channel, channel.unsubscribe(connection), gap, unavailable);
        if (since == null) {
            subscription.start();
        } else {
            channel.tellDepartures(connection, since);
            subscription.resume(since);
        }
    }

    /** Ends the stream for a connection, not the connection. */
    public void unsubscribe(Connection connection) {
        channel(connection.caller().family()).unsubscribe(connection);
    }

    /** One stream on its way to a connection, until the peer asks for another. */
    private final class Subscription {
        private final Connection connection;
        private final Channel channel;
        private final int stream;
        private final Envelope gap;
        private final Envelope unavailable;

        Subscription(Connection connection, Channel channel, int stream, Envelope gap, Envelope unavailable) {
            this.connection = connection;
            this.channel = channel;
            this.stream = stream;
            this.gap = gap;
            this.unavailable = unavailable;
        }

        void start() {
            try {
                while (!channel.isLoaded()) {
                    int removals = channel.removals();
                    channel.load(stored.latest(connection.caller().family()), removals);
                }
                channel.subscribe(connection, stream);
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        /** Never blocks: runs in the thread that has just sent something. */
        void resume(long since) {
            long needed = since > channel.offset() ? -1 : channel.resume(connection, stream, since);
            if (needed != 0) {
                try {
                    executor.execute(() -> replay(since, needed));
                } catch (RejectedExecutionException e) {
                    fail(e);
                }
            }
        }

        private void replay(long since, long needed) {
            try {
                Optional<StoredStream.Page> page = needed < 0
                        ? Optional.empty()
                        : stored.after(connection.caller().family(), since, PAGE);
                if (page.isEmpty()) {
                    connection.reply(gap);
                    start();
                    return;
                }
                List<Envelope> events = page.get().events();
                long last =
                        events.isEmpty() ? since : events.get(events.size() - 1).offset();
                // The last page holds everything up to what was needed, even where its last event was before that.
                long reached = page.get().more() ? last : Math.max(last, needed);
                channel.replay(connection, stream, events, () -> resume(reached));
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        private void fail(RuntimeException e) {
            LOG.log(Level.WARNING, "The stored positions could not be read: {0}", e.getMessage());
            connection.reply(unavailable);
        }
    }

    /** How many connections there are right now, through all doors. */
    public int size() {
        return connections.size();
    }

    /** The devices that have a connection right now. */
    public Set<DeviceId> devices() {
        return connections.stream()
                .map(connection -> connection.caller().device())
                .collect(Collectors.toSet());
    }

    /** Tells every peer that the server goes away, and takes no more. */
    public void stop() {
        stopped = true;
        connections.forEach(connection -> connection.close(CloseReason.GOING_AWAY));
    }

    void forget(@Observes MemberRemoved removed) {
        left.add(removed.member());
        changed.remove(removed.member());
        channel(removed.family()).forget(removed.member());
        close(removed.family(), CloseReason.NOT_A_MEMBER, caller -> caller.member()
                .equals(removed.member()));
    }

    void forget(@Observes HistoryErased erased) {
        channel(erased.family()).erase(erased.member());
    }

    /** What they say from here on is theirs by the new name. */
    void rename(@Observes MemberChanged change) {
        changed.put(change.after().id(), change.after());
        channel(change.family()).connections().forEach(this::rename);
    }

    private void rename(Connection connection) {
        Member now = changed.get(connection.caller().member());
        if (now != null) {
            connection.changed(now);
        }
    }

    void signOut(@Observes DeviceRevoked revoked) {
        signedOut.add(revoked.device());
        close(revoked.family(), CloseReason.REVOKED, caller -> caller.device().equals(revoked.device()));
    }

    Set<Connection> connections() {
        return connections;
    }

    void retireIdleChannels(long idleSince) {
        channels.keySet()
                .forEach(family -> channels.computeIfPresent(family, (f, channel) -> {
                    if (!channel.retireIfIdleSince(idleSince)) {
                        return channel;
                    }
                    above.accumulateAndGet(channel.offset(), Math::max);
                    return null;
                }));
    }

    private void close(FamilyId family, CloseReason reason, Predicate<Caller> whose) {
        for (Connection connection : channel(family).connections()) {
            if (whose.test(connection.caller())) {
                connection.close(reason);
            }
        }
    }

    private Channel channel(FamilyId family) {
        return channels.computeIfAbsent(family, f -> new Channel(above.get()));
    }
}
