package org.draugar.socketio.engine;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.io.ByteArrayOutputStream;

/**
 * A WebSocket that carries a session. Public because containers make it. Messages come in parts, because a limit on
 * whole ones is not portable: they are counted as they come.
 */
public final class EngineEndpoint extends Endpoint {
    static final String ENGINE = Engine.class.getName();

    private Carrier carrier;
    private EngineSession session;
    private LargeMessagePermit permit;
    private StringBuilder text = new StringBuilder(0);
    private ByteArrayOutputStream binary = new ByteArrayOutputStream(0);
    private boolean deaf;

    @Override
    public void onOpen(Session socket, EndpointConfig config) {
        // "Never": the session's own heartbeat watches.
        socket.setMaxIdleTimeout(-1);
        Engine engine = (Engine) config.getUserProperties().get(ENGINE);
        carrier = new Carrier(socket);
        String sid = Query.of(socket.getQueryString()).get("sid");
        if (sid == null) {
            session = engine.open(carrier);
            session.sendOpen();
        } else {
            session = engine.find(sid);
            if (session == null || !session.probe(carrier)) {
                deaf = true;
                carrier.close(1000, "");
                return;
            }
        }
        permit = session.permit();
        socket.addMessageHandler(String.class, (MessageHandler.Partial<String>) this::text);
        socket.addMessageHandler(byte[].class, (MessageHandler.Partial<byte[]>) this::binary);
        socket.addMessageHandler(PongMessage.class, (MessageHandler.Whole<PongMessage>) carrier::pong);
    }

    @Override
    public void onClose(Session socket, CloseReason reason) {
        gone(
                reason.getCloseCode().getCode() == 1000
                        ? "transport closed"
                        : "transport closed: " + reason.getCloseCode().getCode());
    }

    @Override
    public void onError(Session socket, Throwable thrown) {
        gone("transport error");
    }

    private void text(String part, boolean last) {
        // Characters, not bytes: what is to be bounded is memory.
        if (deaf || !fits(text.length() + part.length())) {
            return;
        }
        if (!last) {
            text.append(part);
            return;
        }
        String message = part;
        if (!text.isEmpty()) {
            message = text.append(part).toString();
            text = new StringBuilder(0);
        }
        session.text(carrier, message);
        permit.leave();
    }

    private void binary(byte[] part, boolean last) {
        if (deaf || !fits(binary.size() + part.length)) {
            return;
        }
        binary.writeBytes(part);
        if (last) {
            byte[] message = binary.toByteArray();
            binary = new ByteArrayOutputStream(0);
            session.binary(carrier, message);
            permit.leave();
        }
    }

    private boolean fits(int size) {
        if (size > session.maxPayload()) {
            carrier.close(1009, "message larger than " + session.maxPayload() + " bytes");
        } else if (!permit.hold(size)) {
            carrier.close(1013, "too many large messages at once; try again later");
        } else {
            return true;
        }
        deaf = true;
        text = new StringBuilder(0);
        binary = new ByteArrayOutputStream(0);
        permit.leave();
        return false;
    }

    private void gone(String reason) {
        if (permit != null) {
            permit.close();
        }
        if (session != null && carrier != null) {
            session.gone(carrier, reason);
        }
    }
}
