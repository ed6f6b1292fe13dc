package org.draugar.socketio.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Socket.IO v5: what an {@link Engine} carries is events and acknowledgements in namespaces. Thread-safe. */
public final class SocketServer implements Function<EngineSession, EngineListener> {
    private final Duration connectTimeout;
    private final Map<String, Namespace> namespaces = new ConcurrentHashMap<>();

    /** @param connectTimeout how long a client has to connect to its first namespace */
    public SocketServer(Duration connectTimeout) {
        this.connectTimeout = connectTimeout;
    }

    /**
     * Adds a namespace.
     *
     * @param name with its slash
     */
    public SocketServer add(String name, Namespace namespace) {
        namespaces.put(name, namespace);
        return this;
    }

    @Override
    public EngineListener apply(EngineSession session) {
        return new Client(session);
    }

    /** A client, in as many namespaces as it likes. */
    final class Client implements EngineListener {
        private final EngineSession session;
        private final long connectUntil = System.nanoTime() + connectTimeout.toNanos();
        private final Map<String, Socket> sockets = new ConcurrentHashMap<>(2);
        private volatile boolean connected;
        /** A packet whose attachments are still to come, or null. */
        private SocketPacket incomplete;

        private final List<byte[]> attachments = new ArrayList<>(0);
        private final Room room;

        Client(EngineSession session) {
            this.session = session;
            this.room = session.room();
        }

        @Override
        public void text(String message) {
            try {
                if (incomplete != null) {
                    throw new IllegalArgumentException("expected an attachment");
                }
                SocketPacket packet = SocketPacket.read(message);
                if (packet.attachments() > 0) {
                    requireSocket(packet);
                    incomplete = packet;
                } else {
                    hear(packet);
                }
            } catch (IllegalArgumentException e) {
                session.close("parse error: " + e.getMessage());
            }
        }

        @Override
        public void binary(byte[] message) {
            if (incomplete == null) {
                session.close("parse error: attachment to nothing");
                return;
            }
            attachments.add(message);
            if (!room.hold(attachments.stream().mapToLong(bytes -> bytes.length).sum())) {
                session.close(1013, "too many large messages at once; try again later", "no room for attachments");
            } else if (attachments.size() == incomplete.attachments()) {
                SocketPacket packet = incomplete;
                List<byte[]> complete = List.copyOf(attachments);
                incomplete = null;
                attachments.clear();
                room.leave();
                try {
                    requireSocket(packet).hear(packet, complete);
                } catch (IllegalArgumentException e) {
                    session.close("parse error: " + e.getMessage());
                }
            }
        }

        @Override
        public void tick(long now) {
            if (!connected && now - connectUntil > 0) {
                session.close("connect timeout");
            }
        }

        @Override
        public void closed(String reason) {
            room.close();
            List.copyOf(sockets.values()).forEach(socket -> leave(socket, reason));
        }

        EngineSession session() {
            return session;
        }

        void send(SocketPacket packet, List<byte[]> more) {
            session.send(packet.text(), more);
        }

        /** Of any number of goodbyes one counts. */
        void leave(Socket socket, String reason) {
            if (sockets.remove(socket.namespace(), socket)) {
                socket.listener().disconnected(reason);
            }
        }

        private void hear(SocketPacket packet) {
            if (packet.type() == SocketPacket.CONNECT) {
                connect(packet);
                return;
            }
            Socket socket = requireSocket(packet);
            if (packet.type() == SocketPacket.DISCONNECT) {
                leave(socket, "the client left");
            } else {
                socket.hear(packet, List.of());
            }
        }

        private Socket requireSocket(SocketPacket packet) {
            Socket socket = sockets.get(packet.namespace());
            if (socket == null) {
                throw new IllegalArgumentException("not in this namespace");
            }
            return socket;
        }

        private void connect(SocketPacket packet) {
            String name = packet.namespace();
            Namespace namespace = namespaces.get(name);
            if (namespace == null) {
                refuse(name, "Invalid namespace");
                return;
            }
            if (sockets.containsKey(name)) {
                throw new IllegalArgumentException("in this namespace already");
            }
            Socket socket = new Socket(this, name);
            try {
                SocketListener listener =
                        namespace.connect(socket, packet.json().isEmpty() ? "{}" : packet.json());
                connected = true;
                session.welcome();
                try {
                    socket.start(listener);
                } finally {
                    // Only now, so that no goodbye overtakes the connection; and in any case, so that one follows it.
                    sockets.put(name, socket);
                }
                if (socket.isDisconnected() || session.isClosed()) {
                    leave(socket, "it ended while it began");
                }
            } catch (ConnectionRefused e) {
                refuse(name, e.getMessage());
            }
        }

        private void refuse(String name, String message) {
            send(
                    new SocketPacket(SocketPacket.CONNECT_ERROR, name, -1, "{\"message\":\"" + message + "\"}", 0),
                    List.of());
        }
    }
}
