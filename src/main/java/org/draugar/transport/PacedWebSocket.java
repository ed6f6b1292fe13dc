package org.draugar.transport;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCode;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.PongMessage;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A WebSocket that is sent to asynchronously, and no faster than its peer reads. Containers and the kernel take
 * megabytes for a peer that reads nothing; a thousand such peers use up the machine's memory for TCP, and then
 * everybody's connections stall. So a frame counts as sent only when the peer is not far behind. Pongs tell where it is:
 * now and then a ping with a random number follows a frame, and its answer says that all before it was read (RFC 6455,
 * 5.5.2 and 5.5.3). Thread-safe.
 */
public final class PacedWebSocket {
    /** So much, in characters or bytes, a peer may not have read yet. */
    private static final int WINDOW = 128 * 1024;

    private static final int ASK_EVERY = 32 * 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Session session;
    /** Kept, because closed sessions do not give it. */
    private final RemoteEndpoint.Async remote;
    /** What takes texts before the container's own stream; null where a container has another way to write. */
    private final FlushedStream stream;
    /** Where containers are told to write; null where this one does by itself. */
    private final Executor batches;

    private final AtomicBoolean closed = new AtomicBoolean();
    private final Runnable flush = this::flush;
    /** Whether the container is going to be told. */
    private final AtomicBoolean due = new AtomicBoolean();

    /** How much was sent, and how much of it was read; guarded by this, as all that follow. */
    private long sent;

    private long read;
    /** Whether a ping is on its way, its number, and where it stands. */
    private boolean asked;

    private long number;
    private long askedAt;

    /** What is to run when the peer has caught up, or null. */
    private Runnable held;

    /** Starts at the opening of a session, in the thread that opens it. Each frame is written by itself. */
    public PacedWebSocket(Session session) {
        this(session, null);
    }

    /**
     * Starts at the opening of a session, in the thread that opens it. Where the container allows it, frames are written
     * together.
     *
     * @param batches runs soon what tells the container to write
     */
    public PacedWebSocket(Session session, Executor batches) {
        this.session = session;
        this.remote = session.getAsyncRemote();
        this.stream = FlushedStream.opening();
        this.batches = stream == null && batches != null && keeps() ? batches : null;
    }

    /**
     * Sends a text. To be called again only after {@code done} ran.
     *
     * @param done run once when the next may be sent, by any thread, even within this call; not when sending fails,
     *     because then this closes
     */
    public void send(String text, Runnable done) {
        if (stream != null) {
            if (stream.text(text)) {
                left(text.length(), done);
            } else {
                broke();
            }
            return;
        }
        try {
            if (batches == null) {
                remote.sendText(text, whenSent(text.length(), done));
            } else {
                keep(true);
                try {
                    remote.sendText(text, whenSent(text.length(), done));
                } finally {
                    keep(false);
                }
            }
            queued(text.length(), done);
        } catch (IOException | RuntimeException e) {
            // It was closed meanwhile; servers differ in what they throw then, Payara has a NullPointerException too.
            broke();
        }
    }

    /** Sends a binary message, as {@link #send(String, Runnable)} does a text. */
    public void send(byte[] bytes, Runnable done) {
        try {
            remote.sendBinary(ByteBuffer.wrap(bytes), whenSent(bytes.length, done));
            queued(bytes.length, done);
        } catch (RuntimeException e) {
            broke();
        }
    }

    /** Asks for a sign of life; {@code done} as for a message. */
    public void ping(Runnable done) {
        if (ping(ByteBuffer.allocate(0))) {
            done.run();
        }
    }

    /** To be called with every pong that comes. */
    public void pong(PongMessage pong) {
        Runnable next = null;
        boolean ask;
        synchronized (this) {
            ByteBuffer data = pong.getApplicationData();
            if (!asked || data.remaining() != Long.BYTES || data.getLong(data.position()) != number) {
                return;
            }
            asked = false;
            read = askedAt;
            ask = isBehind();
            if (ask) {
                mark();
            } else {
                next = held;
                held = null;
            }
        }
        if (ask) {
            ask();
        } else if (next != null) {
            next.run();
        }
    }

    /**
     * Closes; calling it again does nothing.
     *
     * @param code close code (RFC 6455, 7.4)
     * @param words for the peer
     */
    public void close(int code, String words) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            // Codes from 4000 are an application's own, and the API has no names for them.
            CloseCode named = code >= 4000 ? () -> code : CloseCodes.getCloseCode(code);
            session.close(new CloseReason(named, words));
        } catch (IOException | RuntimeException e) {
            // It was closed already, which is all that we want; Payara says so with a NullPointerException, too.
        }
    }

    /** Writes what was queued. */
    private void flush() {
        // Before, so that what is queued from now on is flushed again.
        due.set(false);
        try {
            remote.flushBatch();
        } catch (IOException | RuntimeException e) {
            broke();
        }
    }

    /** Whether the container keeps frames until it is told to write them (Jakarta WebSocket 2.1, RemoteEndpoint). */
    private boolean keeps() {
        try {
            keep(true);
            boolean keeps = remote.getBatchingAllowed();
            keep(false);
            return keeps;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether the container may keep the next frame. For the length of a call only: it has frames of its own too, answers
     * to pings and the goodbye, which nobody would tell it to write.
     */
    private void keep(boolean allowed) throws IOException {
        remote.setBatchingAllowed(allowed);
    }

    private SendHandler whenSent(int size, Runnable done) {
        return result -> {
            if (!result.isOK()) {
                broke();
            } else if (batches == null) {
                left(size, done);
            }
        };
    }

    /** A frame that is kept for others to go with counts as sent: the window is what bounds them. */
    private void queued(int size, Runnable done) {
        if (batches != null) {
            left(size, done);
            flushSoon();
        }
    }

    private void flushSoon() {
        if (batches != null && due.compareAndSet(false, true)) {
            batches.execute(flush);
        }
    }

    private void left(int size, Runnable done) {
        boolean ask;
        boolean behind;
        synchronized (this) {
            sent += size;
            ask = !asked && sent - read >= ASK_EVERY;
            if (ask) {
                mark();
            }
            behind = isBehind();
            if (behind) {
                held = done;
            }
        }
        if (ask) {
            ask();
        }
        if (!behind) {
            done.run();
        }
    }

    private boolean isBehind() {
        return sent - read > WINDOW;
    }

    private void mark() {
        asked = true;
        // Random, because a peer that could guess it might say that it has read what it never will.
        number = RANDOM.nextLong();
        askedAt = sent;
    }

    /** No frame is in flight here, so that the ping stands where it was marked. */
    private void ask() {
        ByteBuffer data = ByteBuffer.allocate(Long.BYTES);
        synchronized (this) {
            data.putLong(number).flip();
        }
        ping(data);
    }

    private boolean ping(ByteBuffer data) {
        try {
            remote.sendPing(data);
            flushSoon();
            return true;
        } catch (IOException | RuntimeException e) {
            broke();
            return false;
        }
    }

    private void broke() {
        close(CloseCodes.GOING_AWAY.getCode(), "");
    }
}
