package org.draugar.socketio.engine;

import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import org.draugar.transport.PacedWebSocket;

/** A WebSocket that carries a session, or wants to. */
final class Carrier {
    private final PacedWebSocket socket;

    Carrier(Session session) {
        socket = new PacedWebSocket(session);
    }

    /** Sends a packet, as {@link PacedWebSocket#send(String, Runnable)} does. */
    void send(Packet packet, Runnable done) {
        if (packet.text() == null) {
            socket.send(packet.binary(), done);
        } else {
            socket.send(packet.text(), done);
        }
    }

    void pong(PongMessage pong) {
        socket.pong(pong);
    }

    /** Calling it again does nothing. */
    void close(int code, String reason) {
        socket.close(code, reason);
    }
}
