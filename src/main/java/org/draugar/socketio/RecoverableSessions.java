package org.draugar.socketio;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.draugar.family.DeviceId;
import org.draugar.stream.Nodes;

/** The sessions of clients, also of those who were cut off within the last two minutes. Thread-safe. */
final class RecoverableSessions {
    private static final Duration KEPT = Duration.ofMinutes(2);
    /** While a client is connected; what comes after is told then. */
    private static final Duration CONNECTED = Duration.ofDays(1);

    private static final int ANSWER_SECONDS = 2;
    private static final int MAX = 50_000;
    private static final int MAX_PID = 64;

    /** Those who came last are last. */
    private final Map<String, RecoverableSession> sessions = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RecoverableSession> eldest) {
            return size() > MAX || isOver(eldest.getValue());
        }
    };

    private final Nodes nodes;

    RecoverableSessions(Nodes nodes) {
        this.nodes = nodes;
    }

    void put(RecoverableSession session) {
        synchronized (this) {
            sessions.put(session.pid(), session);
        }
        tell(session);
    }

    /** Tells the other nodes: a client that is cut off may come back to any of them. */
    void tell(RecoverableSession session) {
        nodes.remember(
                "socket.io " + session.pid(),
                session.sid() + " " + session.device() + " " + session.isSubscribed(),
                session.connection() == null && session.leftAt() != 0 ? KEPT : CONNECTED);
    }

    /** Gives a session back to its device. A connection that still has it has not noticed its end. */
    Optional<RecoverableSession> take(String pid, DeviceId device) {
        if (pid == null || pid.length() > MAX_PID) {
            return Optional.empty();
        }
        RecoverableSession session;
        synchronized (this) {
            session = sessions.get(pid);
        }
        if (session == null) {
            return elsewhere(pid, device);
        }
        synchronized (this) {
            if (!session.device().equals(device) || isOver(session)) {
                return Optional.empty();
            }
            // So that it becomes the last again.
            sessions.remove(pid);
        }
        SocketIoConnection stale = session.connection();
        if (stale != null) {
            stale.supersede();
        }
        return Optional.of(session);
    }

    /** The session of a client that was connected to another node. */
    private Optional<RecoverableSession> elsewhere(String pid, DeviceId device) {
        try {
            return nodes.recall("socket.io " + pid)
                    .toCompletableFuture()
                    .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .map(text -> text.split(" "))
                    .filter(words -> words.length == 3 && words[1].equals(device.toString()))
                    .map(words -> {
                        RecoverableSession session = new RecoverableSession(words[0], pid, device);
                        session.setSubscribed(Boolean.parseBoolean(words[2]));
                        return session;
                    });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            // It gets the latest state instead of what it missed.
            return Optional.empty();
        }
    }

    private static boolean isOver(RecoverableSession session) {
        return session.connection() == null
                && session.leftAt() != 0
                && System.nanoTime() - session.leftAt() > KEPT.toNanos();
    }
}
