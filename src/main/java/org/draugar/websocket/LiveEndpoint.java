package org.draugar.websocket;

import jakarta.enterprise.inject.spi.CDI;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import org.draugar.delivery.CloseReason;
import org.draugar.delivery.Connection;
import org.draugar.delivery.Hub;
import org.draugar.family.Caller;
import org.draugar.protocol.Conversation;
import org.draugar.protocol.ServerMessageEncoder;
import org.draugar.transport.Batches;
import org.draugar.transport.PacedWebSocket;

/**
 * A device's WebSocket. The authentication filter has let it in before the upgrade; the container makes one instance
 * for each connection and calls it from one thread at a time.
 *
 * <p>Text comes in parts, because a limit on whole messages is not portable: one server ignores it for fragments, so
 * that megabytes pass, the other buffers them. Here they are counted as they come.
 */
@ServerEndpoint(
        value = "/ws",
        subprotocols = "draugar.v1",
        encoders = ServerMessageEncoder.class,
        configurator = LiveEndpoint.Maker.class)
public class LiveEndpoint {
    private static final Logger LOG = System.getLogger(LiveEndpoint.class.getName());
    /** Most bytes of a message. */
    static final int MAX_BYTES = 4096;

    private Hub hub;
    private Conversation conversation;
    private Batches batches;
    private PacedWebSocket socket;
    private Connection connection;
    private final StringBuilder message = new StringBuilder(0);
    private int bytes;

    /** Makes the instances: a container would keep what it needs to inject with each, which is more than they are. */
    public static final class Maker extends ServerEndpointConfig.Configurator {
        @Override
        public <T> T getEndpointInstance(Class<T> type) {
            LiveEndpoint endpoint = new LiveEndpoint();
            endpoint.hub = CDI.current().select(Hub.class).get();
            endpoint.conversation = CDI.current().select(Conversation.class).get();
            endpoint.batches = CDI.current().select(Batches.class).get();
            return type.cast(endpoint);
        }
    }

    @OnOpen
    public void open(Session session) {
        // "Never": the container's timer is restarted by sends and so finds no dead peers; the heartbeat does.
        session.setMaxIdleTimeout(-1);
        Caller caller = (Caller) session.getUserPrincipal();
        socket = new PacedWebSocket(session, batches);
        connection = new Connection("ws", caller, ServerMessageEncoder.NATIVE, new WebSocketTransport(socket));
        hub.open(connection);
    }

    @OnMessage
    public void text(String part, boolean last) {
        if (connection.isClosed()) {
            return;
        }
        connection.heard();
        bytes += utf8Length(part);
        if (bytes > MAX_BYTES) {
            end(CloseReason.TOO_BIG);
            return;
        }
        if (!last) {
            message.append(part);
            return;
        }
        String text = message.isEmpty() ? part : message.append(part).toString();
        message.setLength(0);
        bytes = 0;
        conversation.hear(connection, text);
    }

    @OnMessage
    public void binary(ByteBuffer part, boolean last) {
        if (!connection.isClosed()) {
            end(CloseReason.NOT_TEXT);
        }
    }

    @OnMessage
    public void pong(PongMessage pong) {
        connection.heard();
        socket.pong(pong);
    }

    @OnClose
    public void closed(jakarta.websocket.CloseReason reason) {
        if (connection != null) {
            String words = reason.getReasonPhrase();
            // The phrase comes from the peer: keep line breaks and terminal codes out of the log.
            hub.closed(
                    connection,
                    reason.getCloseCode().getCode()
                            + (words == null || words.isBlank() ? "" : " " + words.replaceAll("[^\\x20-\\x7e]", "?")));
        }
    }

    @OnError
    public void failed(Session session, Throwable thrown) {
        LOG.log(Level.DEBUG, "A connection failed", thrown);
        if (connection != null) {
            hub.closed(connection, CloseCodes.CLOSED_ABNORMALLY.getCode() + " the connection broke");
        }
    }

    private void end(CloseReason reason) {
        message.setLength(0);
        message.trimToSize();
        connection.close(reason);
    }

    private static int utf8Length(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // A surrogate is half of a pair that takes four bytes.
            length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return length;
    }
}
