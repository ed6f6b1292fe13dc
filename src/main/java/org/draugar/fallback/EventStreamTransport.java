package org.draugar.fallback;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.draugar.delivery.CloseReason;
import org.draugar.delivery.Connection;
import org.draugar.delivery.Hub;
import org.draugar.delivery.Transport;

/**
 * Writes a response without ever blocking: a frame counts as sent when the stream is ready for another. A vanished
 * reader shows when comments that nobody takes fill the buffers, or when the network says so.
 */
final class EventStreamTransport implements Transport, WriteListener, AsyncListener {
    private final AsyncContext async;
    private final ServletOutputStream out;

    private final Hub hub;
    private Connection connection;

    /** Guarded by this, as the next two: the frame to write when the stream is ready. */
    private byte[] pending;

    /** Whom to tell when the frame in flight has left, or null when none is. */
    private Runnable done;

    private boolean ended;

    EventStreamTransport(AsyncContext async, Hub hub) throws IOException {
        this.async = async;
        this.hub = hub;
        this.out = async.getResponse().getOutputStream();
    }

    /** Starts; not in the constructor, because the container may call back at once. */
    void start(Connection connection) {
        this.connection = connection;
        async.addListener(this);
        out.setWriteListener(this);
    }

    @Override
    public void send(String frame, Runnable done) {
        write(frame.getBytes(StandardCharsets.UTF_8), done);
    }

    @Override
    public void ping(Runnable done) {
        write(": still here\n\n".getBytes(StandardCharsets.UTF_8), () -> {
            connection.heard();
            done.run();
        });
    }

    @Override
    public void close(CloseReason reason) {
        gone(reason.text());
    }

    @Override
    public void onWritePossible() throws IOException {
        proceed();
    }

    @Override
    public void onError(Throwable thrown) {
        gone("the connection broke");
    }

    @Override
    public void onComplete(AsyncEvent event) {
        gone("the stream ended");
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        gone("the stream timed out");
    }

    @Override
    public void onError(AsyncEvent event) {
        gone("the connection broke");
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Nothing to do: the stream stays in this one asynchronous cycle.
    }

    private void write(byte[] frame, Runnable done) {
        synchronized (this) {
            pending = frame;
            this.done = done;
        }
        try {
            proceed();
        } catch (IOException e) {
            gone("the connection broke");
        }
    }

    /** Does what the stream allows now; the lock keeps the container's thread and ours apart. */
    private void proceed() throws IOException {
        Runnable finished;
        synchronized (this) {
            if (ended || !out.isReady()) {
                return;
            }
            if (pending != null) {
                byte[] frame = pending;
                pending = null;
                out.write(frame);
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

    private void gone(String reason) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        try {
            async.complete();
        } catch (IllegalStateException e) {
            // Completed already by the container, which is all that we want.
        }
        hub.closed(connection, reason);
    }
}
