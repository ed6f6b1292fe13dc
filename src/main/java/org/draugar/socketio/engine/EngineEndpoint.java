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
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream(0);
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
        if (deaf) {
            return;
        }
        // Characters, not bytes, as the reference server's limit is generous anyway.
        if (text.length() + part.length() > session.maxPayload()) {
            tooBig();
            return;
        }
        if (!last) {
            text.append(part);
            return;
        }
        String message = text.isEmpty() ? part : text.append(part).toString();
        text.setLength(0);
        session.text(carrier, message);
    }

    private void binary(byte[] part, boolean last) {
        if (deaf) {
            return;
        }
        if (binary.size() + part.length > session.maxPayload()) {
            tooBig();
            return;
        }
        binary.writeBytes(part);
        if (last) {
            byte[] message = binary.toByteArray();
            binary.reset();
            session.binary(carrier, message);
        }
    }

    private void tooBig() {
        deaf = true;
        text.setLength(0);
        text.trimToSize();
        binary.reset();
        carrier.close(1009, "message larger than " + session.maxPayload() + " bytes");
    }

    private void gone(String reason) {
        if (session != null && carrier != null) {
            session.gone(carrier, reason);
        }
    }
}
