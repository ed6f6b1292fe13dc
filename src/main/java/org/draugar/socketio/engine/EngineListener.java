package org.draugar.socketio.engine;

/** Hears what comes in on one session, one call at a time. */
public interface EngineListener {

    /** A text message. */
    void text(String message);

    /** A binary message. */
    void binary(byte[] message);

    /**
     * Comes now and then while the session is open.
     *
     * @param now {@link System#nanoTime()}
     */
    default void tick(long now) {}

    /**
     * The session has ended; nothing more comes.
     *
     * @param reason for the log
     */
    void closed(String reason);
}
