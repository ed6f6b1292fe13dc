package org.draugar.delivery;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.draugar.family.Caller;
import org.draugar.family.Member;
import org.draugar.stream.Envelope;
import org.draugar.stream.Framing;

/** One live connection of one device, through whichever door. Thread-safe. */
public final class Connection {
    /** After so many bad messages in a row the peer is not worth listening to. */
    private static final int MAX_BAD = 10;

    private static final AtomicLong COUNT = new AtomicLong();

    private final Instant openedAt = Instant.now();
    private final String id;
    private volatile Caller caller;
    private final Transport transport;
    private final SendQueue queue;
    /** Guarded by the channel. */
    private boolean subscribed;
    /** Number of the stream that was asked for last; guarded by the channel. */
    private int stream;

    private int bad;
    private volatile boolean overrun;
    private volatile long lastHeard = System.nanoTime();
    /** Equal at first: a ping that was never sent needs no answer. */
    private volatile long pingedAt = lastHeard;

    private volatile CloseReason closedFor;

    /**
     * @param door name of the door for the log
     * @param caller who it is
     * @param framing wire format of the door
     * @param transport how to reach the peer
     */
    public Connection(String door, Caller caller, Framing framing, Transport transport) {
        this.id = door + "-" + COUNT.incrementAndGet();
        this.caller = caller;
        this.transport = transport;
        this.queue = new SendQueue(framing, transport);
    }

    /** Names this connection in the log; says nothing about whose it is. */
    public String id() {
        return id;
    }

    /** When it was opened. */
    public Instant openedAt() {
        return openedAt;
    }

    /** Whose connection it is. */
    public Caller caller() {
        return caller;
    }

    /** Notes the name and role that its member has now. */
    void changed(Member member) {
        caller = caller.as(member);
    }

    /** Sends an answer, in order with everything else. */
    public void reply(Envelope envelope) {
        enqueue(envelope);
        flush();
    }

    /** Sends an answer to a position, before everything else. */
    public void answer(Envelope envelope) {
        queue.answer(envelope);
        flush();
    }

    /**
     * To be asked before a position is taken: ends the connection of a peer that leaves the answers to its positions
     * unread and sends more all the same.
     */
    public boolean readsAnswers() {
        if (queue.isFullOfAnswers()) {
            close(CloseReason.TOO_SLOW);
        }
        return !isClosed();
    }

    /** Notes a sign of life. */
    public void heard() {
        lastHeard = System.nanoTime();
    }

    /** Notes what a message was worth; too many bad ones in a row end the connection. One thread at a time. */
    public void judge(boolean good) {
        bad = good ? 0 : bad + 1;
        if (bad >= MAX_BAD) {
            close(CloseReason.BAD_MESSAGES);
        }
    }

    /** Whether the server has ended it: whatever still comes in counts for nothing. */
    public boolean isClosed() {
        return closedFor != null;
    }

    /** Ends it; of several reasons the first counts. */
    public void close(CloseReason reason) {
        if (closedFor == null) {
            closedFor = reason;
        }
        queue.close();
        transport.close(reason);
    }

    boolean isSubscribed() {
        return subscribed;
    }

    void setSubscribed(boolean subscribed) {
        this.subscribed = subscribed;
    }

    /** Whether the peer has not changed its mind since it asked for the stream of this number. */
    boolean isIn(int number) {
        return stream == number;
    }

    int nextStream() {
        queue.replay(List.of(), null);
        return ++stream;
    }

    /**
     * Queues stored events, all of them, however slowly the peer reads; sends nothing yet.
     *
     * @param done run when the last one has left
     */
    void replay(List<Envelope> events, Runnable done) {
        queue.replay(events, done);
    }

    /** Queues an event; sends nothing yet, so that a lock may be held. */
    void enqueue(Envelope envelope) {
        if (!queue.add(envelope)) {
            overrun = true;
        }
    }

    void flush() {
        queue.flush();
    }

    boolean isOverrun() {
        return overrun;
    }

    long sendingSince() {
        return queue.sendingSince();
    }

    long lastHeard() {
        return lastHeard;
    }

    long pingedAt() {
        return pingedAt;
    }

    void ping() {
        pingedAt = System.nanoTime();
        enqueue(SendQueue.PING);
        flush();
    }

    void disconnected() {
        queue.close();
    }

    /** Why the server ended it, or null when it did not. */
    CloseReason closedFor() {
        return closedFor;
    }
}
