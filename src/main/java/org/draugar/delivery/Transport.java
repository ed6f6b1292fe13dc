package org.draugar.delivery;

/**
 * What a door gives a connection to reach its peer. Never blocks on the peer, and never throws because of it: that a peer
 * is gone is no matter of whoever has news for it.
 */
public interface Transport {

    /**
     * Sends one frame. Called again only after {@code done} ran.
     *
     * @param done to be run once when the frame has left for the peer, by any thread, even within this call; not run
     *     when sending failed, because then the transport closes the connection
     */
    void send(String frame, Runnable done);

    /** Asks the peer for a sign of life; {@code done} as for a frame. */
    void ping(Runnable done);

    /** Ends the connection; calling it again does nothing. */
    void close(CloseReason reason);
}
