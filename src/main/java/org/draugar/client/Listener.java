package org.draugar.client;

import jakarta.json.JsonObject;

/** What a client tells. Called by one thread at a time, which the client needs: do not keep it long. */
public interface Listener {

    /**
     * An event of the family: {@code location:broadcast}, {@code user:online}, {@code user:paused} and their like, as the
     * server's AsyncAPI document describes it. A position comes once and in order, across reconnects too.
     */
    default void heard(JsonObject event) {}

    /** What was missed is no longer stored; everybody's latest position follows. */
    default void missed() {}

    /**
     * The server will never take this position, because something is wrong with it or its sender is paused; it was
     * dropped.
     *
     * @param reason for people
     */
    default void refused(Position position, String reason) {}

    /** Whether the connection stands. It comes back by itself. */
    default void connected(boolean connected) {}

    /** This device was signed out, or is no longer in the family. The client has stopped; what was not sent is kept. */
    default void signedOut() {}
}
