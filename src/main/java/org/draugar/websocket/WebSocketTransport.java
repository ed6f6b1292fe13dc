package org.draugar.websocket;

import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.draugar.delivery.CloseReason;
import org.draugar.delivery.Transport;

/** Sends through a WebSocket session, always asynchronously: no thread of ours ever waits for a peer. */
final class WebSocketTransport implements Transport {
    private static final Logger LOG = System.getLogger(WebSocketTransport.class.getName());

    private final Session session;
    private final AtomicBoolean closing = new AtomicBoolean();

    WebSocketTransport(Session session) {
        this.session = session;
    }

    @Override
    public void send(String frame, Runnable done) {
        try {
            session.getAsyncRemote().sendText(frame, result -> {
                if (result.isOK()) {
                    done.run();
                } else {
                    close(CloseReason.NO_SIGN_OF_LIFE);
                }
            });
        } catch (IllegalStateException e) {
            // Closed a moment ago; the endpoint hears of it.
            LOG.log(Level.DEBUG, "A frame came too late", e);
        }
    }

    @Override
    public void ping(Runnable done) {
        try {
            session.getAsyncRemote().sendPing(ByteBuffer.allocate(0));
            done.run();
        } catch (IOException | IllegalStateException e) {
            close(CloseReason.NO_SIGN_OF_LIFE);
        }
    }

    @Override
    public void close(CloseReason reason) {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            session.close(new jakarta.websocket.CloseReason(code(reason), reason.text()));
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "A connection was closed already", e);
        }
    }

    /** Codes from 4000 are an application's own (RFC 6455, 7.4.2), and the API has no names for them. */
    private static jakarta.websocket.CloseReason.CloseCode code(CloseReason reason) {
        return reason.code() >= 4000 ? reason::code : CloseCodes.getCloseCode(reason.code());
    }
}
