package org.draugar.transport;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.WebConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * What the container writes a WebSocket's frames to, which always has room: {@link PacedWebSocket} bounds what a peer has
 * not read. Only the flusher touches what is behind it, and holds no lock then, because a write that fails may run into
 * locks of the container, whose holders write here. Thread-safe.
 *
 * <p>Texts, which are nearly all that is sent, come here without the container, which would encode each four times over
 * for each receiver. Frames come whole, so that those of the container, such as pings and the goodbye, may go between.
 */
final class FlushedStream extends ServletOutputStream {
    private static final Logger LOG = System.getLogger(FlushedStream.class.getName());

    /** The first byte of the last frame of a text (RFC 6455, 5.2). */
    private static final int TEXT = 0x81;

    private static final int OPCODE = 0x0f;
    private static final int CLOSE = 0x08;
    private static final int LONGEST_HEADER = 10;
    /** In place of a length: it follows in two bytes, or in eight. */
    private static final int IN_TWO_BYTES = 126;

    private static final int IN_EIGHT_BYTES = 127;

    /** The stream of the session that this thread opens right now. */
    private static final ThreadLocal<FlushedStream> OPENING = new ThreadLocal<>();

    private final WebConnection connection;
    private final Executor flusher;
    private final Runnable flushNow = this::flushNow;

    /** Null while nothing waits, as for thousands of connections that have nothing to say; guarded by this. */
    private ByteArrayOutputStream waiting;
    /** Whether the flusher is to come by; guarded by this. */
    private boolean due;
    /** Whether the goodbye has been said, after which nothing is sent any more (RFC 6455, 5.5.1); guarded by this. */
    private boolean goodbye;
    /** From here on, what is behind it may be another connection's: containers use their objects again. */
    private volatile boolean ended;
    /** Whether the container says when it can take more. For the flusher alone. */
    private boolean listening;
    /** To be run once nothing waits, or null. For the flusher alone. */
    private Runnable whenFlushed;

    FlushedStream(WebConnection connection, Executor flusher) {
        this.connection = connection;
        this.flusher = flusher;
    }

    /** What is behind the session that the container opens in this thread; null where it has another way to write. */
    static FlushedStream opening() {
        return OPENING.get();
    }

    /** @param opening how the container opens the session whose stream this is */
    void whileOpening(Runnable opening) {
        OPENING.set(this);
        try {
            opening.run();
        } finally {
            OPENING.remove();
        }
    }

    /**
     * Sends a text. What a server sends is not masked, so it goes as it is.
     *
     * @return false when the WebSocket has ended
     */
    boolean text(String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        synchronized (this) {
            if (goodbye || ended) {
                return false;
            }
            ByteArrayOutputStream out = room(LONGEST_HEADER + payload.length);
            out.write(TEXT);
            if (payload.length < IN_TWO_BYTES) {
                out.write(payload.length);
            } else if (payload.length <= 0xffff) {
                out.write(IN_TWO_BYTES);
                writeLength(out, payload.length, Short.BYTES);
            } else {
                out.write(IN_EIGHT_BYTES);
                writeLength(out, payload.length, Long.BYTES);
            }
            out.writeBytes(payload);
        }
        flush();
        return true;
    }

    private static void writeLength(ByteArrayOutputStream out, long length, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write((int) (length >> i * Byte.SIZE));
        }
    }

    /** Nothing is written from now on. */
    void end() {
        ended = true;
    }

    @Override
    public boolean isReady() {
        // Else Tyrus would keep frames itself, and hold one lock while it wants another, each way round.
        return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
        throw new IllegalStateException("There is always room: nobody waits for it");
    }

    @Override
    public synchronized void write(int b) {
        room(1).write(b);
    }

    /** Takes one frame of the container. */
    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        if (goodbye) {
            return;
        }
        goodbye = length > 0 && (bytes[offset] & OPCODE) == CLOSE;
        room(length).write(bytes, offset, length);
    }

    private ByteArrayOutputStream room(int bytes) {
        if (waiting == null) {
            waiting = new ByteArrayOutputStream(bytes);
        }
        return waiting;
    }

    @Override
    public synchronized void flush() {
        if (!due) {
            due = true;
            flusher.execute(flushNow);
        }
    }

    /** Runs something once what waits now is written; never, where its peer does not read. For the flusher alone. */
    void whenFlushed(Runnable then) {
        whenFlushed = then;
        flushNow();
    }

    void flushNow() {
        if (!ended && !write()) {
            return;
        }
        Runnable then = whenFlushed;
        whenFlushed = null;
        if (then != null) {
            then.run();
        }
    }

    /** @return whether nothing waits any more */
    private boolean write() {
        try {
            ServletOutputStream out = connection.getOutputStream();
            while (out.isReady()) {
                ByteArrayOutputStream some;
                synchronized (this) {
                    due = false;
                    some = waiting;
                    waiting = null;
                }
                if (some == null) {
                    return true;
                }
                some.writeTo(out);
                out.flush();
            }
            comeBack(out);
            return false;
        } catch (IOException | RuntimeException e) {
            // Whoever reads from the connection hears of its end too, and sees to it.
            LOG.log(Level.DEBUG, "A connection has ended", e);
        }
        return true;
    }

    private void comeBack(ServletOutputStream out) {
        if (listening) {
            return;
        }
        listening = true;
        out.setWriteListener(new WriteListener() {
            @Override
            public void onWritePossible() {
                flusher.execute(flushNow);
            }

            @Override
            public void onError(Throwable thrown) {
                LOG.log(Level.DEBUG, "A connection has ended", thrown);
            }
        });
    }
}
