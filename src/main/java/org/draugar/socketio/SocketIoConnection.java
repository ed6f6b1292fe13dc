package org.draugar.socketio;

import java.util.List;
import java.util.function.Consumer;
import org.draugar.delivery.CloseReason;
import org.draugar.delivery.Connection;
import org.draugar.delivery.Hub;
import org.draugar.delivery.Transport;
import org.draugar.family.Caller;
import org.draugar.protocol.Conversation;
import org.draugar.protocol.ServerMessage;
import org.draugar.protocol.ServerMessage.Ack;
import org.draugar.socketio.engine.Socket;
import org.draugar.socketio.engine.SocketListener;
import org.draugar.stream.Envelope;

/** A device's connection through Socket.IO: its events become calls, the family's events become its own. */
final class SocketIoConnection implements SocketListener, Transport {
    /** Most characters of an event's argument. */
    private static final int MAX_CHARACTERS = 4096;

    private final Socket socket;
    private final RecoverableSession session;
    private final RecoverableSessions sessions;
    /** Where the client was cut off, or null. */
    private final Long since;

    private final Hub hub;
    private final Conversation conversation;
    private final Connection connection;
    /** Whether what the client missed is on its way, so that it need not ask for the stream again. */
    private boolean resumed;

    SocketIoConnection(
            Socket socket,
            Caller caller,
            RecoverableSession session,
            RecoverableSessions sessions,
            Long since,
            Hub hub,
            Conversation conversation) {
        this.sessions = sessions;
        this.socket = socket;
        this.session = session;
        this.since = since;
        this.hub = hub;
        this.conversation = conversation;
        this.connection = new Connection("socket.io", caller, SocketIoDoor.SOCKET_IO, this);
    }

    @Override
    public void connected() {
        session.connect(this);
        hub.open(connection);
        if (since != null) {
            resumed = true;
            conversation.subscribe(connection, since);
        }
    }

    @Override
    public void event(String name, List<String> arguments, List<byte[]> attachments, Answer answer) {
        if (connection.isClosed()) {
            return;
        }
        connection.heard();
        Consumer<ServerMessage> outcome = message -> tell(message, answer);
        switch (name) {
            case "location:update" -> {
                if (arguments.isEmpty() || !attachments.isEmpty()) {
                    conversation.bad(connection, "location:update: expected a position", outcome);
                } else if (arguments.get(0).length() > MAX_CHARACTERS) {
                    conversation.bad(connection, "expected at most 4096 bytes", outcome);
                } else {
                    conversation.update(connection, arguments.get(0), answer != null, outcome);
                }
            }
            case "location:subscribe" -> {
                if (!resumed) {
                    session.setSubscribed(true);
                    sessions.tell(session);
                    conversation.subscribe(connection, null);
                }
                resumed = false;
                tell(new Ack(null), answer);
            }
            case "location:unsubscribe" -> {
                resumed = false;
                session.setSubscribed(false);
                sessions.tell(session);
                conversation.unsubscribe(connection);
                tell(new Ack(null), answer);
            }
            default ->
                conversation.bad(
                        connection,
                        "event: expected location:update, location:subscribe or location:unsubscribe",
                        outcome);
        }
    }

    @Override
    public void disconnected(String reason) {
        if (session.leave(this)) {
            sessions.tell(session);
        }
        hub.closed(connection, reason);
    }

    /** Its client is back on another connection. */
    void supersede() {
        socket.session().close("came back on another connection");
    }

    @Override
    public void send(String frame, Runnable done) {
        socket.session().sendPacket(frame, done);
    }

    /** The session below has a heartbeat of its own. */
    @Override
    public void ping(Runnable done) {
        connection.heard();
        done.run();
    }

    @Override
    public void close(CloseReason reason) {
        if (reason == CloseReason.REVOKED || reason == CloseReason.NOT_A_MEMBER) {
            // Clients come back after anything else.
            socket.disconnect();
        }
        socket.session().close(reason.code(), reason.text(), reason.text());
    }

    /** By the acknowledgement where one was asked for, else as an event. */
    private void tell(ServerMessage message, Answer answer) {
        Envelope event = Conversation.reply(message);
        if (answer != null) {
            String result = "{\"ok\":" + (message instanceof Ack);
            String more = event.payload();
            answer.send(List.of(more.equals("{}") ? result + "}" : result + "," + more.substring(1)), List.of());
        } else if (!(message instanceof Ack ack) || ack.id() != null) {
            connection.reply(event);
        }
    }
}
