package org.draugar.socketio;

import org.draugar.family.DeviceId;

/**
 * What a client that was cut off comes back to.
 *
 * <p>Thread-safe.
 */
final class RecoverableSession {
    private final String sid;
    private final String pid;
    private final DeviceId device;
    private volatile boolean subscribed;
    /** The connection that has it now, or null. */
    private volatile SocketIoConnection connection;

    private volatile long leftAt;

    /**
     * @param sid how the client is called
     * @param pid what only the client knows
     * @param device whose session it is
     */
    RecoverableSession(String sid, String pid, DeviceId device) {
        this.sid = sid;
        this.pid = pid;
        this.device = device;
    }

    String sid() {
        return sid;
    }

    String pid() {
        return pid;
    }

    DeviceId device() {
        return device;
    }

    boolean isSubscribed() {
        return subscribed;
    }

    void setSubscribed(boolean whether) {
        subscribed = whether;
    }

    synchronized void connect(SocketIoConnection next) {
        connection = next;
    }

    SocketIoConnection connection() {
        return connection;
    }

    /** @return whether it was this connection's, and not a later one's */
    synchronized boolean leave(SocketIoConnection leaving) {
        if (connection != leaving) {
            return false;
        }
        connection = null;
        leftAt = System.nanoTime();
        return true;
    }

    long leftAt() {
        return leftAt;
    }
}
