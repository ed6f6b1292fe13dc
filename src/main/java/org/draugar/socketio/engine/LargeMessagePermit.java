package org.draugar.socketio.engine;

import java.util.concurrent.Semaphore;

/**
 * The permit for one thing that may be large: a message half come in, or what waits to be fetched. Small things need none;
 * only so many large ones may be in memory at once, or a crowd of peers that leave their messages half said would fill it.
 * Thread-safe.
 */
final class LargeMessagePermit {
    /** What everybody may have at any time. */
    private static final int SMALL = 64 * 1024;

    private final Semaphore large;
    private boolean taken;
    private boolean closed;

    /** @param large as many permits as there may be large things */
    LargeMessagePermit(Semaphore large) {
        this.large = large;
    }

    /** @return false when there is no permit for something of this size, a number of bytes or characters */
    synchronized boolean hold(long size) {
        if (size > SMALL) {
            taken = taken || (!closed && large.tryAcquire());
            return taken;
        }
        leave();
        return true;
    }

    /** It is gone; another may come. */
    synchronized void leave() {
        if (taken) {
            taken = false;
            large.release();
        }
    }

    /** Nothing may come any more, from whichever thread. */
    synchronized void close() {
        closed = true;
        leave();
    }
}
