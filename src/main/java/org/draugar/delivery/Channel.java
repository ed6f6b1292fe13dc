package org.draugar.delivery;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.draugar.family.MemberId;

/**
 * The live stream of one family: its connections, the order of its events, and the latest state that a new subscriber
 * starts from. One short lock orders everything; events are queued under it and sent outside of it. That is why a
 * snapshot and what follows it fit together without a gap or a double. Thread-safe.
 */
final class Channel {
    /**
     * How many of the last events are kept in memory for who comes back; the store has the others. Few: in a busy
     * family each would live just long enough to be copied by the collector, while everybody waits.
     */
    private static final int RECENT = 16;
    /** How large those may be together, in characters: a family that sends large ones must not fill the heap. */
    private static final int RECENT_SIZE = 32 * 1024;

    private Connection[] connections = {};
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

    private boolean retired;
    private long touched = System.nanoTime();

    /** @param above offset that all of this stream's earlier events had at most */
    Channel(long above) {
        offset = Math.max(above, now());
        forgotten = offset;
    }

    /**
     * Takes an event in and hands it to everybody whom it concerns.
     *
     * @return false when this channel is retired and another has its place
     */
    boolean publish(Envelope envelope) {
        Connection[] receivers;
        synchronized (this) {
            if (retired) {
                return false;
            }
            if (envelope.isKept() && gone.contains(envelope.key().member())) {
                return true;
            }
            touched = System.nanoTime();
            offset = Math.max(offset + 1, now());
            if (!envelope.placeAt(offset)) {
                return true;
            }
            departed.remove(envelope.key());
            if (!envelope.isKept()) {
                latest.remove(envelope.key());
                departed.put(envelope.key(), envelope);
            } else if (envelope.replaces(latest.get(envelope.key()))) {
                latest.put(envelope.key(), envelope);
            }
            if (envelope.forSubscribers()) {
                remember(envelope);
            }
            receivers = connections;
            for (Connection connection : receivers) {
                if ((connection.isSubscribed() || !envelope.forSubscribers())
                        && envelope.concerns(connection.caller())) {
                    connection.enqueue(envelope);
                }
            }
        }
        for (Connection connection : receivers) {
            connection.flush();
        }
        return true;
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
                .filter(e -> !e.forSubscribers() && e.concerns(connection.caller()))
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
                    .filter(e -> e.offset() > since && e.concerns(connection.caller()))
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
        events.filter(envelope -> envelope.forSubscribers() && envelope.concerns(connection.caller()))
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

    private static long now() {
        return Envelope.offsetAt(Instant.now());
    }

    synchronized boolean isLoaded() {
        return loaded;
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
        latest.values().removeIf(e -> e.forSubscribers() && e.key().member().equals(member));
        recent.removeIf(envelope -> envelope.key().member().equals(member));
        recentSize = recent.stream()
                .mapToInt(envelope -> envelope.payload().length())
                .sum();
        loaded = false;
    }

    /**
     * Retires this channel when nobody has used it since a time of {@link System#nanoTime()}, and it knows nothing that
     * is not stored.
     */
    synchronized boolean retireIfIdleSince(long nanoTime) {
        retired = connections.length == 0
                && touched - nanoTime < 0
                && latest.values().stream().allMatch(Envelope::forSubscribers);
        return retired;
    }
}
