package org.draugar.websocket;

import org.draugar.delivery.CloseReason;
import org.draugar.delivery.Transport;
import org.draugar.transport.PacedWebSocket;

/** Sends through a WebSocket: no thread of ours ever waits for a peer. */
record WebSocketTransport(PacedWebSocket socket) implements Transport {

    @Override
    public void send(String frame, Runnable done) {
        socket.send(frame, done);
    }

    @Override
    public void ping(Runnable done) {
        socket.ping(done);
    }

    @Override
    public void close(CloseReason reason) {
        socket.close(reason.code(), reason.text());
    }
}
