package org.draugar.launcher;

import java.util.logging.LogManager;

/**
 * Java's log manager, except that it goes on while the process stops: Java's own takes all handlers away at once then,
 * and with them the lines that say who was still connected.
 */
public final class Logs extends LogManager {

    @Override
    public void reset() {
        // Java has a thread of its own for the reset at the end, an inner class of the manager.
        if (Thread.currentThread().getClass().getEnclosingClass() != LogManager.class) {
            super.reset();
        }
    }
}
