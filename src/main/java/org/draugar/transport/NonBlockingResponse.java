package org.draugar.transport;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Answers a request later, from any thread, and without ever blocking on a peer that does not read. Bytes count as
 * written when the stream is ready for more. Thread-safe.
 */
public final class NonBlockingResponse implements WriteListener, AsyncListener {
    private final AsyncContext async;
    private final ServletOutputStream out;

    /** Guarded by this, as all that follow: told once why it ended. */
    private final Consumer<String> whenEnded;

    /** What to write when the stream is ready. */
    private byte[] pending;

    /** Whom to tell when the bytes in flight have left, or null when there are none. */
    private Runnable done;

    private boolean ended;

    private NonBlockingResponse(AsyncContext async, Consumer<String> whenEnded) throws IOException {
        this.async = async;
        this.out = async.getResponse().getOutputStream();
        this.whenEnded = whenEnded;
    }

    /**
     * Takes the answer to a request in hand.
     *
     * @param whenEnded told once, in words for people, why it ended: by us or by the peer
     */
    public static NonBlockingResponse start(HttpServletRequest request, Consumer<String> whenEnded) throws IOException {
        AsyncContext async = request.startAsync();
        // "Never": whoever answers watches the peer too.
        async.setTimeout(0);
        return new NonBlockingResponse(async, whenEnded);
    }

    /** Starts writing; not in the constructor, because the container may call back at once. */
    public void listen() {
        async.addListener(this);
        out.setWriteListener(this);
    }

    /** The response, to set a status and headers before the first bytes. */
    public HttpServletResponse head() {
        return (HttpServletResponse) async.getResponse();
    }

    /**
     * Writes. To be called again only after {@code done} ran.
     *
     * @param done run when the bytes have left, by any thread, even within this call; not when they never do
     */
    public void write(byte[] bytes, Runnable done) {
        synchronized (this) {
            pending = bytes;
            this.done = done;
        }
        try {
            proceed();
        } catch (IOException | RuntimeException e) {
            // The peer's matter, not that of whoever has news for it; Payara throws anything when a peer hangs up.
            end("the connection broke");
        }
    }

    /** Ends the answer; calling it again does nothing. */
    public void end(String reason) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        try {
            async.complete();
        } catch (RuntimeException e) {
            // Completed already by the container, which is all that we want.
        }
        whenEnded.accept(reason);
    }

    @Override
    public void onWritePossible() throws IOException {
        proceed();
    }

    @Override
    public void onError(Throwable thrown) {
        end("the connection broke");
    }

    @Override
    public void onComplete(AsyncEvent event) {
        end("the stream ended");
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        end("the stream timed out");
    }

    @Override
    public void onError(AsyncEvent event) {
        end("the connection broke");
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Nothing to do: the answer stays in this one asynchronous cycle.
    }

    /** Does what the stream allows now; the lock keeps the container's thread and ours apart. */
    private void proceed() throws IOException {
        Runnable finished;
        synchronized (this) {
            if (ended || !out.isReady()) {
                return;
            }
            if (pending != null) {
                byte[] bytes = pending;
                pending = null;
                out.write(bytes);
                if (out.isReady()) {
                    out.flush();
                }
                if (!out.isReady()) {
                    return;
                }
            }
            finished = done;
            done = null;
        }
        if (finished != null) {
            finished.run();
        }
    }
}
