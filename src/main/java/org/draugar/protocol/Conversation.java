package org.draugar.protocol;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.websocket.DecodeException;
import org.draugar.delivery.Connection;
import org.draugar.delivery.Envelope;
import org.draugar.delivery.Hub;
import org.draugar.http.Problem;
import org.draugar.location.LocationSharing;
import org.draugar.protocol.ClientMessage.LocationSubscribe;
import org.draugar.protocol.ClientMessage.LocationUnsubscribe;
import org.draugar.protocol.ClientMessage.LocationUpdate;
import org.draugar.protocol.ClientMessage.Ping;
import org.draugar.protocol.ServerMessage.Ack;
import org.draugar.protocol.ServerMessage.ErrorMessage;
import org.draugar.protocol.ServerMessage.Pong;

/** Turns what a client says into calls of the features, and their outcome into answers. Thread-safe. */
@Singleton
public class Conversation {
    private static final Envelope GAP = reply(new ErrorMessage(
            "gap", "since: too long ago, what was missed is no longer stored; here is the latest state instead", null));
    private static final Envelope UNAVAILABLE = reply(
            new ErrorMessage("unavailable", "The store does not answer right now; subscribe again in a moment", null));
    private static final Envelope PONG = reply(new Pong());

    private final LocationSharing sharing;
    private final Hub hub;
    private final ClientMessageDecoder decoder = new ClientMessageDecoder();

    @Inject
    Conversation(LocationSharing sharing, Hub hub) {
        this.sharing = sharing;
        this.hub = hub;
    }

    /**
     * Hears a message in the native format.
     *
     * @return false when it was a bad one; the peer has been told why
     */
    public boolean hear(Connection connection, String text) {
        ClientMessage message;
        try {
            message = decoder.decode(text);
        } catch (DecodeException e) {
            connection.reply(reply(new ErrorMessage("bad-message", e.getMessage(), null)));
            return false;
        }
        return hear(connection, message);
    }

    /** Hears a message that a door has decoded itself. */
    public boolean hear(Connection connection, ClientMessage message) {
        if (message instanceof LocationUpdate update) {
            return update(connection, update);
        }
        if (message instanceof LocationSubscribe subscribe) {
            subscribe(connection, subscribe.since());
        } else if (message instanceof LocationUnsubscribe) {
            hub.unsubscribe(connection);
        } else if (message instanceof Ping) {
            connection.reply(PONG);
        }
        return true;
    }

    /** Starts the stream, with {@code since} as in {@link LocationSubscribe}. */
    public void subscribe(Connection connection, Long since) {
        hub.subscribe(connection, since, GAP, UNAVAILABLE);
    }

    private boolean update(Connection connection, LocationUpdate update) {
        try {
            var stored = sharing.share(connection.caller(), update.id(), update.report());
            if (update.id() != null) {
                stored.whenComplete((done, failure) -> connection.reply(reply(
                        failure == null
                                ? new Ack(update.id())
                                : new ErrorMessage(
                                        "unavailable", "It could not be stored; send it again later", update.id()))));
            }
            return true;
        } catch (Problem problem) {
            boolean busy = problem.status() == 503;
            connection.reply(
                    reply(new ErrorMessage(busy ? "unavailable" : "bad-message", problem.getMessage(), update.id())));
            return busy;
        }
    }

    private static Envelope reply(ServerMessage message) {
        return Envelope.reply(message.type(), ServerMessageEncoder.payload(message));
    }
}
