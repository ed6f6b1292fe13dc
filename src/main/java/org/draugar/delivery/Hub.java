package org.draugar.delivery;

import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.draugar.family.Caller;
import org.draugar.family.DeviceRevoked;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberRemoved;

/**
 * All live connections of this server, by family. Doors open and close connections here, the fan-out publishes here;
 * nothing ever crosses from one family to another, because each has a channel of its own. Thread-safe.
 */
@Singleton
public class Hub {
    private static final Logger LOG = System.getLogger(Hub.class.getName());

    private final Snapshot snapshot;
    private final Event<FamilyEvent> facts;
    private final Map<FamilyId, Channel> channels = new ConcurrentHashMap<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    @Inject
    Hub(Snapshot snapshot, Event<FamilyEvent> facts) {
        this.snapshot = snapshot;
        this.facts = facts;
    }

    /** Takes a new connection in. */
    public void open(Connection connection) {
        Caller caller = connection.caller();
        connections.add(connection);
        channels.compute(caller.family(), (family, known) -> {
            Channel channel = known == null ? new Channel() : known;
            channel.add(connection);
            return channel;
        });
        connection.flush();
        LOG.log(Level.INFO, "{0} connected", connection.id());
        facts.fire(new ConnectionOpened(caller));
        if (stopped) {
            connection.close(CloseReason.GOING_AWAY);
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

    /** Publishes an event to a family. */
    public void publish(FamilyId family, Envelope envelope) {
        while (!channel(family).publish(envelope)) {
            // Retired a moment ago: the next look finds or makes its successor.
            Thread.onSpinWait();
        }
    }

    /**
     * Starts the stream for a connection: what it missed since an offset or else the latest state, then what comes.
     *
     * @param since offset of the last event that the peer has, or null
     * @param gap told first when that is too long ago
     */
    public void subscribe(Connection connection, Long since, Envelope gap) {
        FamilyId family = connection.caller().family();
        Channel channel = channel(family);
        while (!channel.isLoaded()) {
            int removals = channel.removals();
            channel.load(snapshot.load(family), removals);
        }
        channel.subscribe(connection, since, gap);
    }

    /** Ends the stream for a connection, not the connection. */
    public void unsubscribe(Connection connection) {
        channel(connection.caller().family()).unsubscribe(connection);
    }

    /** How many connections there are right now, through all doors. */
    public int size() {
        return connections.size();
    }

    /** Tells every peer that the server goes away, and takes no more. */
    public void stop() {
        stopped = true;
        connections.forEach(connection -> connection.close(CloseReason.GOING_AWAY));
    }

    void forget(@Observes MemberRemoved removed) {
        channel(removed.family()).forget(removed.member());
        close(removed.family(), CloseReason.NOT_A_MEMBER, caller -> caller.member()
                .equals(removed.member()));
    }

    void signOut(@Observes DeviceRevoked revoked) {
        close(revoked.family(), CloseReason.REVOKED, caller -> caller.device().equals(revoked.device()));
    }

    Set<Connection> connections() {
        return connections;
    }

    void retireIdleChannels(long idleSince) {
        channels.keySet()
                .forEach(family -> channels.computeIfPresent(
                        family, (f, channel) -> channel.retireIfIdleSince(idleSince) ? null : channel));
    }

    private void close(FamilyId family, CloseReason reason, Predicate<Caller> whose) {
        for (Connection connection : channel(family).connections()) {
            if (whose.test(connection.caller())) {
                connection.close(reason);
            }
        }
    }

    private Channel channel(FamilyId family) {
        return channels.computeIfAbsent(family, f -> new Channel());
    }
}
