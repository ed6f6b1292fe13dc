package org.draugar.fallback;

import java.nio.charset.StandardCharsets;
import org.draugar.delivery.CloseReason;
import org.draugar.delivery.Connection;
import org.draugar.delivery.Transport;
import org.draugar.transport.NonBlockingResponse;

/**
 * Sends through a response that stays open. A vanished reader shows when comments that nobody takes fill the buffers,
 * or when the network says so.
 */
final class EventStreamTransport implements Transport {
    private final NonBlockingResponse response;
    private Connection connection;

    EventStreamTransport(NonBlockingResponse response) {
        this.response = response;
    }

    void start(Connection ours) {
        connection = ours;
        response.listen();
    }

    @Override
    public void send(String frame, Runnable done) {
        response.write(frame.getBytes(StandardCharsets.UTF_8), done);
    }

    @Override
    public void ping(Runnable done) {
        response.write(": still here\n\n".getBytes(StandardCharsets.UTF_8), () -> {
            connection.heard();
            done.run();
        });
    }

    @Override
    public void close(CloseReason reason) {
        response.end(reason.text());
    }
}
