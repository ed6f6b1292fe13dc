package org.draugar.delivery;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.stream.Envelope;
import org.draugar.stream.Framing;

/**
 * What waits to be sent to one peer. At most one frame is in flight. While the peer keeps up, it gets everything; when
 * it falls behind, only the latest state of each key stays; when even that is too much, it is too slow. Thread-safe,
 * and no lock is held while sending.
 */
final class SendQueue {
    /** From here on only the latest state of each key is kept. */
    private static final int COALESCE_FROM = 256;
    /** More than this cannot wait: what does not coalesce, such as answers to a flood of bad messages. */
    private static final int MAX = 1024;

    private static final int STARTED = 0;
    private static final int RETURNED = 1;
    private static final int DONE = 2;

    /** Stands for a ping: it waits its turn behind the frame in flight. */
    static final Envelope PING = Envelope.reply("ping", "{}");

    private final Framing framing;
    private final Transport transport;

    private final ArrayDeque<Envelope> waiting = new ArrayDeque<>(4);
    /** Answers to positions. They go first, and none is left out: when a store comes back, thousands come at once. */
    private final ArrayDeque<Envelope> answers = new ArrayDeque<>(0);
    /** Stored events on their way: as nobody waits for them to be made room for, none is left out. */
    private ArrayDeque<Envelope> replay = new ArrayDeque<>(0);

    private Runnable replayed;
    private int coalesceAt = COALESCE_FROM;
    private boolean sending;
    private boolean closed;
    private volatile long sendingSince;

    /** Settles who goes on after a send: the thread that started it, or the one that ran its callback. */
    private final AtomicInteger phase = new AtomicInteger();

    SendQueue(Framing framing, Transport transport) {
        this.framing = framing;
        this.transport = transport;
    }

    /** @return false when there is no room, so that the peer must go */
    synchronized boolean add(Envelope envelope) {
        if (closed) {
            return true;
        }
        if (waiting.size() >= coalesceAt) {
            coalesce();
            if (waiting.size() >= MAX) {
                return false;
            }
        }
        waiting.add(envelope);
        return true;
    }

    /** Adds an answer to a position. */
    synchronized void answer(Envelope answer) {
        if (!closed) {
            answers.add(answer);
        }
    }

    /** Whether the peer leaves so many answers unread that it may not ask for more. */
    synchronized boolean isFullOfAnswers() {
        return answers.size() >= MAX;
    }

    /** Puts stored events behind what waits, in place of any that were there. */
    synchronized void replay(List<Envelope> events, Runnable done) {
        if (!closed) {
            replay = new ArrayDeque<>(events);
            replayed = done;
        }
    }

    /** Sends what waits, unless another thread already does. */
    void flush() {
        synchronized (this) {
            if (sending || closed || (answers.isEmpty() && waiting.isEmpty() && replayed == null)) {
                return;
            }
            sending = true;
        }
        drain();
    }

    /** When the frame in flight was started, in {@link System#nanoTime()}, or 0 when none is. */
    long sendingSince() {
        return sendingSince;
    }

    synchronized void close() {
        closed = true;
        answers.clear();
        waiting.clear();
        replay.clear();
        replayed = null;
    }

    /** Only the thread that set {@code sending} comes here. A loop: some containers run the callback within send. */
    private void drain() {
        do {
            Envelope next;
            Runnable finished = null;
            synchronized (this) {
                next = !answers.isEmpty() ? answers.poll() : waiting.isEmpty() ? replay.poll() : waiting.poll();
                if (next == null && replayed != null) {
                    finished = replayed;
                    replayed = null;
                } else if (next == null || closed) {
                    sending = false;
                    sendingSince = 0;
                    return;
                }
                sendingSince = System.nanoTime() | 1;
            }
            if (finished != null) {
                sendingSince = 0;
                finished.run();
                phase.set(DONE);
                continue;
            }
            phase.set(STARTED);
            if (next == PING) {
                transport.ping(this::sent);
            } else {
                transport.send(next.framed(framing), this::sent);
            }
        } while (!phase.compareAndSet(STARTED, RETURNED));
    }

    private void sent() {
        if (phase.getAndSet(DONE) == RETURNED) {
            drain();
        }
    }

    private void coalesce() {
        Set<Envelope.Key> seen = new HashSet<>();
        for (Iterator<Envelope> latestFirst = waiting.descendingIterator(); latestFirst.hasNext(); ) {
            Envelope envelope = latestFirst.next();
            if (envelope.mayBeSkipped() && !seen.add(envelope.key())) {
                latestFirst.remove();
            }
        }
        // A family larger than the threshold would otherwise be gone through at every message.
        coalesceAt = Math.max(COALESCE_FROM, Math.min(MAX, 2 * waiting.size()));
    }
}
