package org.draugar.socketio.engine;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** A WebSocket that carries a session, or wants to. */
final class Carrier {
    private final Session socket;
    private final AtomicBoolean closed = new AtomicBoolean();

    Carrier(Session socket) {
        this.socket = socket;
    }

    /**
     * Sends asynchronously. To be called again only after {@code done} ran.
     *
     * @param done run by any thread, even within this call; not when sending fails, because then this closes
     */
    void send(Packet packet, Runnable done) {
        SendHandler handler = result -> {
            if (result.isOK()) {
                done.run();
            } else {
                close(1001, "");
            }
        };
        try {
            if (packet.text() == null) {
                socket.getAsyncRemote().sendBinary(ByteBuffer.wrap(packet.binary()), handler);
            } else {
                socket.getAsyncRemote().sendText(packet.text(), handler);
            }
        } catch (IllegalStateException e) {
            close(1001, "");
        }
    }

    /** Calling it again does nothing. */
    void close(int code, String reason) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            // Codes from 4000 are an application's own, and the API has no names for them.
            socket.close(new CloseReason(code >= 4000 ? () -> code : CloseCodes.getCloseCode(code), reason));
        } catch (IOException | IllegalStateException e) {
            // It was closed already, which is all that we want.
        }
    }
}
