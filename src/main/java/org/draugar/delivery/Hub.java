package org.draugar.delivery;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
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
import org.draugar.stream.Envelope;
import org.draugar.stream.FamilyStream;
import org.draugar.transport.Batches;

/**
 * All live connections of this node, by family. Doors open and close connections here; while a family has any, its
 * channel follows the family's stream. Nothing ever crosses from one family to another, because each has a channel of
 * its own. Thread-safe.
 */
@Singleton
public class Hub {
    private static final Logger LOG = System.getLogger(Hub.class.getName());

    private static final int PAGE = 200;
    /** So long may a node be behind another one that a peer comes from. */
    private static final int PATIENCE_SECONDS = 10;
    /** Phones, tabs and programs of one member, and some that are gone and not missed yet. */
    private static final int MAX_OF_A_MEMBER = 100;

    private final FamilyStream stream;
    private final StoredStream stored;
    private final Batches batches;
    private final Event<FamilyEvent> facts;
    private final Map<FamilyId, Channel> channels = new ConcurrentHashMap<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    /** Who may have come in a moment before they went, and opens only now. Never forgotten: they are few. */
    private final Set<MemberId> left = ConcurrentHashMap.newKeySet();

    private final Set<DeviceId> signedOut = ConcurrentHashMap.newKeySet();

    private final Map<MemberId, Member> changed = new ConcurrentHashMap<>();

    private volatile boolean stopped;
    private Executor executor;

    @Inject
    Hub(FamilyStream stream, StoredStream stored, Batches batches, Event<FamilyEvent> facts) {
        this.stream = stream;
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
        stream.begin(stored.lastOffset());
    }

    /** Takes a new connection in. */
    public void open(Connection connection) {
        Caller caller = connection.caller();
        connections.add(connection);
        channels.compute(caller.family(), (family, known) -> {
            Channel channel = known == null ? follow(family) : known;
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
        } else {
            makeRoom(caller);
        }
    }

    /** Each connection takes memory: a loop that opens them must not take that of others. */
    private void makeRoom(Caller caller) {
        connections(caller.family()).stream()
                .filter(other -> other.caller().member().equals(caller.member()) && !other.isClosed())
                .sorted(Comparator.comparing(Connection::openedAt).reversed())
                .skip(MAX_OF_A_MEMBER)
                .forEach(oldest -> oldest.close(CloseReason.TOO_MANY));
    }

    private Channel follow(FamilyId family) {
        Channel channel = new Channel(batches::together, this::resume);
        stored.now(family).forEach(channel::show);
        stream.follow(family, channel).whenComplete(channel::begin);
        return channel;
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
        channel(connection.caller().family()).ifPresent(channel -> channel.remove(connection));
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
        for (Connection connection : connections(family)) {
            if (connection.caller().member().equals(member)) {
                connection.reply(envelope);
            }
        }
    }

    /** Shows a family's connections on this node a state that it has found out by itself. */
    public void show(Envelope state) {
        // Not get: a channel that is being made may have looked at the states just before this one.
        Channel channel = channels.computeIfPresent(state.family(), (family, known) -> known);
        if (channel != null) {
            channel.show(state);
        }
    }

    /** Whether the latest state is known without the store: where not, to subscribe to it waits for that. */
    public boolean isLoaded(Connection connection) {
        return channel(connection.caller().family()).filter(Channel::isLoaded).isPresent();
    }

    /**
     * Starts the stream for a connection: what it missed since an offset, from memory or from the store, or else the
     * latest state; then what comes.
     *
     * @param since offset of the last event that the peer has, or null
     */
    public void subscribe(Connection connection, Long since) {
        channel(connection.caller().family()).ifPresent(channel -> {
            Subscription subscription = new Subscription(connection, channel, channel.unsubscribe(connection));
            if (since != null) {
                channel.tellDepartures(connection, since);
            }
            subscription.begin(since);
        });
    }

    private void resume(Connection connection, int number, long since) {
        channel(connection.caller().family())
                .ifPresent(
                        channel -> executor.execute(() -> new Subscription(connection, channel, number).begin(since)));
    }

    /** Ends the stream for a connection, not the connection. */
    public void unsubscribe(Connection connection) {
        channel(connection.caller().family()).ifPresent(channel -> channel.unsubscribe(connection));
    }

    /** One stream on its way to a connection, until the peer asks for another. */
    private final class Subscription {
        private final Connection connection;
        private final Channel channel;
        private final int number;

        Subscription(Connection connection, Channel channel, int number) {
            this.connection = connection;
            this.channel = channel;
            this.number = number;
        }

        /** Not before the family's stream is followed: what comes meanwhile would be missed. */
        void begin(Long since) {
            CompletableFuture<Void> followed = channel.followed();
            if (followed.isDone() && !followed.isCompletedExceptionally()) {
                begin(since, null);
            } else {
                followed.whenCompleteAsync((done, failure) -> begin(since, failure), executor);
            }
        }

        private void begin(Long since, Throwable failure) {
            if (failure != null) {
                fail(failure);
            } else if (since == null) {
                start();
            } else {
                resume(since);
            }
        }

        private void start() {
            FamilyId family = connection.caller().family();
            try {
                while (!channel.isLoaded()) {
                    int removals = channel.removals();
                    // In this order: what the stream holds no more is stored by all nodes when it has answered.
                    List<Envelope> held = stream.held(family, 0).events();
                    List<Envelope> latest = new ArrayList<>(stored.latest(family));
                    latest.addAll(held);
                    channel.load(latest, removals);
                }
                channel.subscribe(connection, number);
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        /** Never blocks: runs in the thread that has just sent something. */
        private void resume(long since) {
            long needed = since > channel.offset() ? -1 : channel.resume(connection, number, since);
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
                if (needed < 0) {
                    await(since);
                    return;
                }
                Optional<StoredStream.Page> page = after(since);
                if (page.isEmpty()) {
                    gap();
                    return;
                }
                List<Envelope> events = page.get().events();
                long last =
                        events.isEmpty() ? since : events.get(events.size() - 1).offset();
                // The last page holds everything up to what was needed, even where its last event was before that.
                long reached = page.get().more() ? last : Math.max(last, needed);
                channel.replay(connection, number, events, () -> resume(reached));
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        /** The peer knows an event that has not come here: another node told it, or none ever had it. */
        private void await(long since) {
            if (stream.held(connection.caller().family(), since).upTo() < since) {
                gap();
                return;
            }
            channel.reached(since)
                    .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .whenCompleteAsync(
                            (done, failure) -> {
                                if (failure == null) {
                                    resume(since);
                                } else {
                                    gap();
                                }
                            },
                            executor);
        }

        private void gap() {
            connection.reply(stored.gap());
            start();
        }

        /** What nodes have told and not stored yet is in the stream alone. */
        private Optional<StoredStream.Page> after(long since) {
            FamilyId family = connection.caller().family();
            FamilyStream.Held held = stream.held(family, since);
            return held.all()
                    ? Optional.of(new StoredStream.Page(held.events(), false))
                    : stored.after(family, since, PAGE).map(page -> with(page, held));
        }

        /**
         * A page of the store, and behind the last one what is not stored yet. What comes behind both is told live: of
         * two events there, the store may have the later one first.
         */
        private static StoredStream.Page with(StoredStream.Page page, FamilyStream.Held held) {
            SortedMap<Long, Envelope> events = new TreeMap<>();
            page.events().forEach(event -> events.put(event.offset(), event));
            boolean more = page.more() && events.lastKey() < held.upTo();
            if (!more) {
                held.events().stream()
                        .filter(Envelope::isShared)
                        .forEach(event -> events.putIfAbsent(event.offset(), event));
            }
            return new StoredStream.Page(
                    List.copyOf(events.headMap(held.upTo() + 1).values()), more);
        }

        private void fail(Throwable e) {
            LOG.log(Level.WARNING, "The stored positions could not be read: {0}", e.getMessage());
            connection.reply(stored.unavailable());
        }
    }

    /** How many connections there are right now, through all doors. */
    public int size() {
        return connections.size();
    }

    /** How many families have their stream in memory right now. */
    public int families() {
        return channels.size();
    }

    /** The devices that have a connection right now. */
    public Set<DeviceId> devices() {
        return connections.stream()
                .map(connection -> connection.caller().device())
                .collect(Collectors.toSet());
    }

    /** Those who have a connection right now, each device once. */
    public Collection<Caller> callers() {
        return connections.stream()
                .map(Connection::caller)
                .collect(Collectors.toMap(Caller::device, caller -> caller, (one, same) -> one))
                .values();
    }

    /** Reads the latest states anew when somebody asks for them: some of what they come from may be deleted. */
    public void reload() {
        channels.values().forEach(Channel::reload);
    }

    /** Tells every peer that the server goes away, and takes no more. */
    public void stop() {
        stopped = true;
        connections.forEach(connection -> connection.close(CloseReason.GOING_AWAY));
    }

    void forget(@Observes MemberRemoved removed) {
        left.add(removed.member());
        changed.remove(removed.member());
        stream.close(removed.family(), removed.member(), null);
        stream.forget(removed.family());
        channel(removed.family()).ifPresent(channel -> channel.forget(removed.member()));
        close(removed.family(), CloseReason.NOT_A_MEMBER, caller -> caller.member()
                .equals(removed.member()));
    }

    void forget(@Observes HistoryErased erased) {
        stream.forget(erased.family());
        channel(erased.family()).ifPresent(channel -> channel.erase(erased.member()));
    }

    /** What they say from here on is theirs by the new name. */
    void rename(@Observes MemberChanged change) {
        changed.put(change.after().id(), change.after());
        connections(change.family()).forEach(this::rename);
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
                    if (!channel.isIdleSince(idleSince)) {
                        return channel;
                    }
                    stream.unfollow(family);
                    return null;
                }));
    }

    private void close(FamilyId family, CloseReason reason, Predicate<Caller> whose) {
        for (Connection connection : connections(family)) {
            if (whose.test(connection.caller())) {
                connection.close(reason);
            }
        }
    }

    private List<Connection> connections(FamilyId family) {
        return channel(family).map(Channel::connections).orElse(List.of());
    }

    /** Of a family that somebody is or was just connected for. */
    private Optional<Channel> channel(FamilyId family) {
        return Optional.ofNullable(channels.get(family));
    }
}
