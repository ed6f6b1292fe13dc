package org.draugar.socketio.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Socket.IO v5: what an {@link Engine} carries is events and acknowledgements in namespaces. Thread-safe. */
public final class SocketServer implements Function<EngineSession, EngineListener> {
    /** So many characters and bytes a client may say before it is let in. */
    private static final int MAX_BEHIND = 16 * 1024;

    private final Duration connectTimeout;
    private final Executor background;
    private final Map<String, Namespace> namespaces = new ConcurrentHashMap<>();

    /**
     * @param connectTimeout how long a client has to connect to its first namespace
     * @param background where namespaces decide about clients, which may take as long as a store does: no thread that
     *     reads from peers waits for that
     */
    public SocketServer(Duration connectTimeout, Executor background) {
        this.connectTimeout = connectTimeout;
        this.background = background;
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
        private final LargeMessagePermit permit;

        /** What came while a namespace decides, and how much that is; null while none does. Guarded by this. */
        private Queue<Runnable> behind;

        private int behindSize;

        Client(EngineSession session) {
            this.session = session;
            this.permit = session.permit();
        }

        @Override
        public void text(String message) {
            inOrder(message.length(), () -> hearText(message));
        }

        @Override
        public void binary(byte[] message) {
            inOrder(message.length, () -> hearBinary(message));
        }

        private void inOrder(int size, Runnable next) {
            synchronized (this) {
                if (behind != null) {
                    behindSize += size;
                    if (behindSize > MAX_BEHIND) {
                        behind.clear();
                        session.close("said too much before it was let in");
                    } else {
                        behind.add(next);
                    }
                    return;
                }
            }
            next.run();
        }

        private void hearText(String message) {
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

        private void hearBinary(byte[] message) {
            if (incomplete == null) {
                session.close("parse error: attachment to nothing");
                return;
            }
            attachments.add(message);
            if (!permit.hold(
                    attachments.stream().mapToLong(bytes -> bytes.length).sum())) {
                session.close(1013, "too many large messages at once; try again later", "no permit for attachments");
            } else if (attachments.size() == incomplete.attachments()) {
                SocketPacket packet = incomplete;
                List<byte[]> complete = List.copyOf(attachments);
                incomplete = null;
                attachments.clear();
                permit.leave();
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
            permit.close();
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
            boolean inTheBackground;
            synchronized (this) {
                inTheBackground = behind != null;
                if (!inTheBackground) {
                    behind = new ArrayDeque<>(2);
                    behindSize = 0;
                }
            }
            String auth = packet.json().isEmpty() ? "{}" : packet.json();
            if (inTheBackground) {
                enter(namespace, name, auth);
                return;
            }
            background.execute(() -> {
                try {
                    enter(namespace, name, auth);
                    hearWhatIsBehind();
                } catch (RuntimeException e) {
                    session.close("it failed");
                    throw e;
                }
            });
        }

        private void hearWhatIsBehind() {
            while (true) {
                Runnable next;
                synchronized (this) {
                    next = behind.poll();
                    if (next == null) {
                        behind = null;
                        return;
                    }
                }
                next.run();
            }
        }

        private void enter(Namespace namespace, String name, String auth) {
            Socket socket = new Socket(this, name);
            try {
                SocketListener listener = namespace.connect(socket, auth);
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
