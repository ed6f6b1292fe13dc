package org.draugar.delivery;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/**
 * Looks after all connections once a second: pings, ends those that do not answer or do not read. The server does this
 * itself because the containers do not: their idle timers are restarted by sends, so a peer that vanished behind a NAT
 * would linger.
 */
@Singleton
public class Heartbeat {
    /** Who has said nothing for so long is pinged: it keeps NAT entries alive and finds who vanished. */
    static final Duration PING_EVERY = Duration.ofSeconds(25);
    /** A vanished peer is gone after at most 25 + 20 s. */
    static final Duration PONG_WITHIN = Duration.ofSeconds(20);
    /** A frame that has not left by then will not: the peer's buffers are full and it does not read. */
    static final Duration SENT_WITHIN = Duration.ofSeconds(15);

    private static final Duration CHANNEL_IDLE = Duration.ofMinutes(10);

    private final Hub hub;

    @Inject
    Heartbeat(Hub hub) {
        this.hub = hub;
    }

    /** To be run every second. */
    public void beat() {
        long now = System.nanoTime();
        for (Connection connection : hub.connections()) {
            long sendingSince = connection.sendingSince();
            if (connection.isOverrun() || (sendingSince != 0 && now - sendingSince > SENT_WITHIN.toNanos())) {
                end(connection, CloseReason.TOO_SLOW);
            } else if (connection.pingedAt() - connection.lastHeard() > 0) {
                if (now - connection.pingedAt() > PONG_WITHIN.toNanos()) {
                    end(connection, CloseReason.NO_SIGN_OF_LIFE);
                }
            } else if (now - connection.pingedAt() > PING_EVERY.toNanos()
                    && now - connection.lastHeard() > PING_EVERY.toNanos()) {
                connection.ping();
            }
        }
        hub.retireIdleChannels(now - CHANNEL_IDLE.toNanos());
    }

    /** The transport may never hear of the end of a peer that is silent: forget it here and now. */
    private void end(Connection connection, CloseReason reason) {
        connection.close(reason);
        hub.closed(connection, reason.text());
    }
}
