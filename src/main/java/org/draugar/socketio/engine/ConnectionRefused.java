package org.draugar.socketio.engine;

/** A client may not connect to a namespace. */
public final class ConnectionRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message what the client is told, in plain words without quotes */
    public ConnectionRefused(String message) {
        // No stack trace: it is an answer, and hostile peers can ask for many.
        super(message, null, false, false);
    }
}
