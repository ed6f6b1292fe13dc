package org.draugar.transport;

import jakarta.inject.Inject;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Lets WebSockets write several frames at once in containers that make them by a servlet's upgrade (Jakarta Servlet 6.0,
 * 2.3.3.5) and flush after each frame, as Tyrus does: here a flush is left to the {@link Flusher}, and large frames come
 * in fragments. Others, which upgrade in a way of their own, never come by.
 */
public class UpgradeFilter implements Filter {
    private static final Logger LOG = System.getLogger(UpgradeFilter.class.getName());

    /** Containers copy what is smaller into a buffer of this size, made for each write; larger goes out as it is. */
    private static final int BUFFER_SIZE = 64;

    @Inject
    private Flusher flusher;

    /** For containers, which inject what it needs. */
    public UpgradeFilter() {}

    /** @param flusher to be started by the caller */
    public UpgradeFilter(Flusher flusher) {
        this.flusher = flusher;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        boolean upgrade = asksForWebSocket((HttpServletRequest) request);
        if (upgrade && response.isCommitted()) {
            // Payara brings a request again whose WebSocket ended at once; an answer to it would follow the goodbye.
            return;
        }
        chain.doFilter(upgrade ? new Upgradable((HttpServletRequest) request, response, flusher) : request, response);
    }

    /** Whether it is the beginning of a WebSocket (RFC 6455, 4.1). Some ask for other upgrades, such as HTTP/2. */
    public static boolean asksForWebSocket(HttpServletRequest request) {
        return "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
    }

    private static final class Upgradable extends HttpServletRequestWrapper {
        private final ServletResponse response;
        private final Flusher flusher;

        Upgradable(HttpServletRequest request, ServletResponse response, Flusher flusher) {
            super(request);
            this.response = response;
            this.flusher = flusher;
        }

        @Override
        public <T extends HttpUpgradeHandler> T upgrade(Class<T> type) throws IOException, ServletException {
            T handler;
            try {
                handler = type.getDeclaredConstructor().newInstance();
            } catch (ReflectiveOperationException e) {
                throw new ServletException(e);
            }
            response.setBufferSize(BUFFER_SIZE);
            super.upgrade(Handler.class).handler(handler, flusher);
            return handler;
        }
    }

    /** Stands before the container's own handler. Public because containers make it. */
    public static final class Handler implements HttpUpgradeHandler {
        private HttpUpgradeHandler handler;
        private Flusher flusher;
        private volatile FlushedConnection connection;

        void handler(HttpUpgradeHandler handler, Flusher flusher) {
            this.handler = handler;
            this.flusher = flusher;
        }

        @Override
        public void init(WebConnection connection) {
            FlushedConnection flushed = new FlushedConnection(connection, flusher);
            this.connection = flushed;
            flushed.out.whileOpening(() -> handler.init(flushed));
        }

        @Override
        public void destroy() {
            if (connection != null) {
                connection.out.end();
            }
            handler.destroy();
        }
    }

    private static final class FlushedConnection implements WebConnection {
        private final WebConnection connection;
        private final Flusher flusher;
        private final FlushedStream out;
        private FragmentedInput in;
        /** For the flusher alone. */
        private boolean closed;

        FlushedConnection(WebConnection connection, Flusher flusher) {
            this.connection = connection;
            this.flusher = flusher;
            this.out = new FlushedStream(connection, flusher);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            if (in == null) {
                in = new FragmentedInput(connection.getInputStream());
            }
            return in;
        }

        @Override
        public FlushedStream getOutputStream() {
            return out;
        }

        /** After what waits, such as the goodbye behind a large frame; but a peer that does not read keeps nothing open. */
        @Override
        public void close() {
            flusher.execute(() -> {
                out.whenFlushed(this::end);
                if (!closed) {
                    flusher.inASecond(this::end);
                }
            });
        }

        private void end() {
            if (closed) {
                return;
            }
            closed = true;
            try {
                connection.close();
            } catch (Exception e) {
                LOG.log(Level.DEBUG, "A connection had ended already", e);
            }
        }
    }
}
