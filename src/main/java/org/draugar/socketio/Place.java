package org.draugar.socketio;

import org.draugar.family.DeviceId;

/**
 * What a client that was cut off comes back to.
 *
 * <p>Thread-safe.
 */
final class Place {
    private final String sid;
    private final String pid;
    private final DeviceId device;
    private volatile boolean subscribed;
    /** Who sits there now, or null. */
    private volatile Visit visit;

    private volatile long leftAt;

    /**
     * @param sid how the client is called
     * @param pid what only the client knows
     * @param device whose place it is
     */
    Place(String sid, String pid, DeviceId device) {
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

    synchronized void sit(Visit newVisit) {
        visit = newVisit;
    }

    Visit visit() {
        return visit;
    }

    /** @return whether it was this visit's, and not a later one's */
    synchronized boolean leave(Visit leaving) {
        if (visit != leaving) {
            return false;
        }
        visit = null;
        leftAt = System.nanoTime();
        return true;
    }

    long leftAt() {
        return leftAt;
    }
}
