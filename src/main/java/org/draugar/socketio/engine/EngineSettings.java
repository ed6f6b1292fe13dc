package org.draugar.socketio.engine;

import java.time.Duration;

/**
 * How an {@link Engine} keeps its sessions.
 *
 * @param pingInterval how long after a sign of life the peer is asked for the next one
 * @param pingTimeout how long it has to answer
 * @param upgradeTimeout how long moving to a WebSocket may take
 * @param maxPayload most bytes of a request's body, and of a WebSocket message
 */
public record EngineSettings(Duration pingInterval, Duration pingTimeout, Duration upgradeTimeout, int maxPayload) {

    /** As the reference server has them, but for these times. */
    public static EngineSettings of(Duration pingInterval, Duration pingTimeout) {
        return new EngineSettings(pingInterval, pingTimeout, Duration.ofSeconds(10), 1_000_000);
    }
}
