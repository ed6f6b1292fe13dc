package org.draugar.socketio.engine;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** One client in one namespace. Thread-safe. */
public final class Socket {
    private static final int MAX_UNANSWERED = 1000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SocketServer.Client client;
    private final String namespace;
    private volatile String id = randomId();
    private volatile String privateId;
    private SocketListener listener;
    private volatile boolean disconnected;
    private final AtomicLong asked = new AtomicLong();
    private final Map<Long, SocketListener.Answer> unanswered = new ConcurrentHashMap<>();

    Socket(SocketServer.Client client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** A new id: 144 random bits. */
    public static String randomId() {
        byte[] bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Names the client to others. */
    public String id() {
        return id;
    }

    /**
     * To be called while the client connects, for connection state recovery.
     *
     * @param newId id of this client, the one that it had before where it is recovered
     * @param newPrivateId what it must show to be recovered later
     */
    public void identify(String newId, String newPrivateId) {
        id = newId;
        privateId = newPrivateId;
    }

    /** The session below. */
    public EngineSession session() {
        return client.session();
    }

    /**
     * Sends an event.
     *
     * @param arguments each as JSON
     */
    public void emit(String name, List<String> arguments, List<byte[]> attachments) {
        emit(name, arguments, attachments, -1);
    }

    /** Sends an event and asks for an acknowledgement. */
    public void emit(
            String name, List<String> arguments, List<byte[]> attachments, SocketListener.Answer whenAnswered) {
        if (unanswered.size() >= MAX_UNANSWERED) {
            client.session().close("acknowledges nothing");
            return;
        }
        long number = asked.getAndIncrement();
        unanswered.put(number, whenAnswered);
        emit(name, arguments, attachments, number);
    }

    /** Tells the client that it is no longer in. */
    public void disconnect() {
        disconnected = true;
        client.leave(this, "the server said goodbye");
        client.send(new SocketPacket(SocketPacket.DISCONNECT, namespace, -1, "", 0), List.of());
    }

    boolean isDisconnected() {
        return disconnected;
    }

    String namespace() {
        return namespace;
    }

    SocketListener listener() {
        return listener;
    }

    void start(SocketListener ours) {
        listener = ours;
        client.send(
                new SocketPacket(
                        SocketPacket.CONNECT,
                        namespace,
                        -1,
                        "{\"sid\":\"" + id + '"' + (privateId == null ? "" : ",\"pid\":\"" + privateId + '"') + "}",
                        0),
                List.of());
        listener.connected();
    }

    void hear(SocketPacket packet, List<byte[]> attachments) {
        List<String> elements = packet.elements();
        if (packet.type() == SocketPacket.ACK || packet.type() == SocketPacket.BINARY_ACK) {
            SocketListener.Answer waiting = unanswered.remove(packet.id());
            if (waiting != null) {
                waiting.send(elements, attachments);
            }
            return;
        }
        listener.event(
                packet.name(),
                elements.subList(1, elements.size()),
                attachments,
                packet.id() < 0 ? null : (arguments, more) -> answer(packet.id(), arguments, more));
    }

    private void emit(String name, List<String> arguments, List<byte[]> attachments, long number) {
        StringBuilder json = new StringBuilder("[\"").append(name).append('"');
        arguments.forEach(argument -> json.append(',').append(argument));
        client.send(
                new SocketPacket(
                        attachments.isEmpty() ? SocketPacket.EVENT : SocketPacket.BINARY_EVENT,
                        namespace,
                        number,
                        json.append(']').toString(),
                        attachments.size()),
                attachments);
    }

    private void answer(long number, List<String> arguments, List<byte[]> attachments) {
        client.send(
                new SocketPacket(
                        attachments.isEmpty() ? SocketPacket.ACK : SocketPacket.BINARY_ACK,
                        namespace,
                        number,
                        '[' + String.join(",", arguments) + ']',
                        attachments.size()),
                attachments);
    }
}
