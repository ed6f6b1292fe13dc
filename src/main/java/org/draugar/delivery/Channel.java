package org.draugar.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.draugar.family.MemberId;
import org.draugar.monitoring.Metrics;
import org.draugar.stream.Envelope;
import org.draugar.stream.FamilyStream;
import org.draugar.stream.Offsets;

/**
 * One family on this node: its connections, and the latest state that a new subscriber starts from. Follows the family's
 * stream, which orders everything; what comes is queued under one short lock and sent outside of it. That is why a
 * snapshot and what follows it fit together without a gap or a double. Thread-safe.
 */
final class Channel implements FamilyStream.Follower {
    /**
     * How many of the last events are kept in memory for who comes back; the store has the others. Few: in a busy
     * family each would live just long enough to be copied by the collector, while everybody waits.
     */
    private static final int RECENT = 16;
    /** How large those may be together, in characters: a family that sends large ones must not fill the heap. */
    private static final int RECENT_SIZE = 32 * 1024;

    private final Consumer<Runnable> together;
    private final Resuming resuming;
    private volatile CompletableFuture<Void> followed = new CompletableFuture<>();
    private volatile Connection[] connections = {};
    private final Map<Envelope.Key, Envelope> latest = new HashMap<>();
    /** What ended a state: who comes back must hear of it. */
    private final Map<Envelope.Key, Envelope> departed = new HashMap<>();

    private final ArrayDeque<Envelope> recent = new ArrayDeque<>();
    private int recentSize;
    /** Offset of the last event that is no longer in {@code recent}. */
    private long forgotten;

    /** Offset of the last event. */
    private long offset;

    private boolean loaded;
    /** Counts what was taken out of {@code latest}, so that a load from the store that began before can tell. */
    private int removals;

    /** Who was removed: a request of theirs may have passed the door before and arrive after. */
    private final Set<MemberId> gone = new HashSet<>();

    /** Who waits for events that another node was quicker with. */
    private final List<Waiting> waiting = new ArrayList<>(0);

    private record Waiting(long offset, CompletableFuture<Void> reached) {}

    private long touched = System.nanoTime();

    /** How many connections were handed events that are not flushed yet, each event counted, and since when. */
    private int handedOver;

    private long handedOverSince;

    /**
     * @param together runs what sends to several peers
     * @param resuming starts the streams again of which something was missed
     */
    Channel(Consumer<Runnable> together, Resuming resuming) {
        this.together = together;
        this.resuming = resuming;
    }

    /** Starts a connection's stream again. Does not block. */
    interface Resuming {
        void resume(Connection connection, int stream, long since);
    }

    /** Completes when the family's stream is followed; exceptionally when it cannot be. */
    CompletableFuture<Void> followed() {
        return followed;
    }

    /** The stream is followed from an offset on, or could not be. */
    void begin(Long behind, Throwable failure) {
        if (failure != null) {
            followed.completeExceptionally(failure);
            return;
        }
        synchronized (this) {
            offset = Math.max(offset, behind);
            forgotten = Math.max(forgotten, behind);
        }
        followed.complete(null);
    }

    /** An event of the family's stream. */
    @Override
    public synchronized void take(Envelope envelope) {
        offset = envelope.offset();
        if (handedOver == 0) {
            handedOverSince = envelope.madeAt();
        }
        handedOver += tell(envelope);
        release();
    }

    /** @return completes when the event with this offset has come, or it is known that it will not */
    synchronized CompletableFuture<Void> reached(long since) {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        waiting.removeIf(one -> one.reached().isDone());
        waiting.add(new Waiting(since, reached));
        release();
        return reached;
    }

    private void release() {
        if (!waiting.isEmpty()) {
            waiting.removeIf(one -> one.offset() <= offset && one.reached().complete(null));
        }
    }

    /** A state that this node has found out by itself: it has no place in the stream. */
    void show(Envelope state) {
        synchronized (this) {
            tell(state.placeAt(Math.max(offset, Offsets.now())));
        }
        flush();
    }

    /** @return how many connections were handed it */
    private int tell(Envelope envelope) {
        if (envelope.goesOn() && gone.contains(envelope.key().member())) {
            return 0;
        }
        touched = System.nanoTime();
        departed.remove(envelope.key());
        if (!envelope.goesOn()) {
            latest.remove(envelope.key());
            departed.put(envelope.key(), envelope);
        } else if (envelope.replaces(latest.get(envelope.key()))) {
            latest.put(envelope.key(), envelope);
        }
        if (envelope.isShared()) {
            remember(envelope);
        }
        int count = 0;
        for (Connection connection : connections) {
            if ((connection.isSubscribed() || !envelope.isShared()) && envelope.concerns(connection.caller())) {
                connection.enqueue(envelope);
                count++;
            }
        }
        return count;
    }

    @Override
    public void flush() {
        Connection[] receivers;
        int count;
        long since;
        synchronized (this) {
            receivers = connections;
            count = handedOver;
            since = handedOverSince;
            handedOver = 0;
        }
        together.accept(() -> {
            for (Connection connection : receivers) {
                connection.flush();
            }
            if (count > 0) {
                Metrics.delivered(since, count);
            }
        });
    }

    @Override
    public synchronized void missed(long behind, long upTo) {
        if (followed.isCompletedExceptionally()) {
            // The stream did not answer at first, and is followed now.
            followed = CompletableFuture.completedFuture(null);
        }
        offset = Math.max(offset, upTo);
        reload();
        release();
        for (Connection connection : connections) {
            if (connection.isSubscribed()) {
                resuming.resume(connection, unsubscribe(connection), behind);
            }
        }
    }

    private void remember(Envelope envelope) {
        if (!recent.isEmpty()) {
            recent.getLast().rest();
        }
        recent.add(envelope);
        recentSize += envelope.payload().length();
        while (recent.size() > RECENT || recentSize > RECENT_SIZE) {
            Envelope oldest = recent.remove();
            recentSize -= oldest.payload().length();
            forgotten = oldest.offset();
        }
    }

    /** Adds a connection; it hears at once how the others are, and where when it subscribes. */
    synchronized void add(Connection connection) {
        touched = System.nanoTime();
        latest.values().stream()
                .filter(e -> !e.isShared() && e.concerns(connection.caller()))
                .forEach(connection::enqueue);
        connections = Arrays.copyOf(connections, connections.length + 1);
        connections[connections.length - 1] = connection;
    }

    /** @return whether it was here */
    synchronized boolean remove(Connection connection) {
        int before = connections.length;
        connections = Arrays.stream(connections).filter(c -> c != connection).toArray(Connection[]::new);
        touched = System.nanoTime();
        return connections.length < before;
    }

    synchronized List<Connection> connections() {
        return List.of(connections);
    }

    /** Starts the stream for a connection: everybody's latest position, then what comes. */
    void subscribe(Connection connection, int stream) {
        synchronized (this) {
            if (!connection.isIn(stream)) {
                return;
            }
            connection.setSubscribed(true);
            tell(connection, latest.values().stream().sorted(Comparator.comparingLong(Envelope::offset)));
        }
        connection.flush();
    }

    /**
     * Starts the stream for a connection where it left off, if what it missed is still known here.
     *
     * @param since offset of the last event that it has
     * @return the offset up to which it must be told from the store first, or 0 when it was started
     */
    long resume(Connection connection, int stream, long since) {
        synchronized (this) {
            if (since < forgotten) {
                return forgotten;
            }
            if (!connection.isIn(stream)) {
                return 0;
            }
            connection.setSubscribed(true);
            tell(connection, recent.stream().filter(envelope -> envelope.offset() > since));
        }
        connection.flush();
        return 0;
    }

    /** Tells a connection that comes back what has ended since an offset. */
    void tellDepartures(Connection connection, long since) {
        synchronized (this) {
            departed.values().stream()
                    .filter(e -> e.offset() >= since && e.concerns(connection.caller()))
                    .forEach(connection::enqueue);
        }
        connection.flush();
    }

    /** Sends a connection what it missed, unless the peer has changed its mind. */
    void replay(Connection connection, int stream, List<Envelope> events, Runnable done) {
        synchronized (this) {
            if (!connection.isIn(stream)) {
                return;
            }
            List<Envelope> concerning = events.stream()
                    .filter(event -> event.concerns(connection.caller())
                            && !gone.contains(event.key().member()))
                    .toList();
            connection.replay(concerning, done);
        }
        connection.flush();
    }

    private static void tell(Connection connection, Stream<Envelope> events) {
        events.filter(envelope -> envelope.isShared() && envelope.concerns(connection.caller()))
                .forEach(connection::enqueue);
    }

    /** Ends the stream for a connection, and gives the next one its number. */
    synchronized int unsubscribe(Connection connection) {
        connection.setSubscribed(false);
        return connection.nextStream();
    }

    /** Offset of the last event. */
    synchronized long offset() {
        return offset;
    }

    synchronized boolean isLoaded() {
        return loaded && followed.isDone() && !followed.isCompletedExceptionally();
    }

    synchronized int removals() {
        return removals;
    }

    /**
     * Adds the stored state below what has happened since.
     *
     * @param removalsBefore {@link #removals()} from before the store was read
     * @return false when something was removed meanwhile, so that the store must be read again
     */
    synchronized boolean load(List<Envelope> stored, int removalsBefore) {
        if (removals != removalsBefore) {
            return false;
        }
        for (Envelope old : stored) {
            latest.merge(old.key(), old, (live, same) -> live.replaces(same) ? live : same);
        }
        loaded = true;
        return true;
    }

    /** Forgets a member who is no longer there, and whatever of theirs is still on its way here. */
    synchronized void forget(MemberId member) {
        gone.add(member);
        latest.keySet().removeIf(key -> key.member().equals(member));
        departed.keySet().removeIf(key -> key.member().equals(member));
        erase(member);
    }

    /** Forgets what a member has told subscribers; what is still stored is read again. */
    synchronized void erase(MemberId member) {
        removals++;
        latest.values().removeIf(e -> e.isShared() && e.key().member().equals(member));
        recent.removeIf(envelope -> envelope.key().member().equals(member));
        recentSize = recent.stream()
                .mapToInt(envelope -> envelope.payload().length())
                .sum();
        loaded = false;
    }

    /** Forgets what subscribers were told; what is still stored is read again. */
    synchronized void reload() {
        removals++;
        loaded = false;
        latest.values().removeIf(Envelope::isShared);
        recent.clear();
        recentSize = 0;
        forgotten = offset;
    }

    /** Whether nobody has used it since a time of {@link System#nanoTime()}. */
    synchronized boolean isIdleSince(long nanoTime) {
        return connections.length == 0 && touched - nanoTime < 0;
    }
}
