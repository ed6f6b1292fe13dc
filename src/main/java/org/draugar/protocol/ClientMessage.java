package org.draugar.protocol;

import org.draugar.location.Report;

/** What a client may say. */
public sealed interface ClientMessage {

    /**
     * {@code location:update}: where the sender's device is.
     *
     * @param id the sender's own id for it, or null; with one, the answer is an {@link ServerMessage.Ack}
     */
    record LocationUpdate(String id, Report report) implements ClientMessage {}

    /**
     * {@code location:subscribe}: start the family's stream.
     *
     * @param since offset of the last event that the client has, or null for the latest state
     */
    record LocationSubscribe(Long since) implements ClientMessage {}

    /** {@code location:unsubscribe}: end the stream. */
    record LocationUnsubscribe() implements ClientMessage {}

    /** {@code ping}: are you there? Browsers can neither send the WebSocket's own pings nor see them. */
    record Ping() implements ClientMessage {}
}
