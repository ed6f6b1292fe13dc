package org.draugar.http;

import jakarta.inject.Inject;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Lets WebSockets write several frames at once in containers that make them by a servlet's upgrade (Jakarta Servlet 6.0,
 * 2.3.3.5) and flush after each frame, as Tyrus does: here a flush is left to the {@link Flusher}. Others, which upgrade
 * in a way of their own, never come by.
 */
public class UpgradeFilter implements Filter {
    private static final Logger LOG = System.getLogger(UpgradeFilter.class.getName());

    /** Containers copy what is smaller into a buffer of this size, made for each write; larger goes out as it is. */
    private static final int BUFFER_SIZE = 64;

    @Inject
    private Flusher flusher;

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        boolean upgrade = asksForWebSocket((HttpServletRequest) request);
        chain.doFilter(upgrade ? new Upgradable((HttpServletRequest) request, response, flusher) : request, response);
    }

    /** Whether it is the beginning of a WebSocket (RFC 6455, 4.1). Some ask for other upgrades, such as HTTP/2. */
    static boolean asksForWebSocket(HttpServletRequest request) {
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
            this.connection = new FlushedConnection(connection, flusher);
            handler.init(this.connection);
        }

        @Override
        public void destroy() {
            if (connection != null) {
                connection.out.ended = true;
            }
            handler.destroy();
        }
    }

    private static final class FlushedConnection implements WebConnection {
        private final WebConnection connection;
        private final Flusher flusher;
        private final FlushedStream out;

        FlushedConnection(WebConnection connection, Flusher flusher) {
            this.connection = connection;
            this.flusher = flusher;
            this.out = new FlushedStream(connection, flusher);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return connection.getInputStream();
        }

        @Override
        public ServletOutputStream getOutputStream() {
            return out;
        }

        @Override
        public void close() {
            flusher.execute(() -> {
                out.flushNow();
                try {
                    connection.close();
                } catch (Exception e) {
                    LOG.log(Level.DEBUG, "A connection had ended already", e);
                }
            });
        }
    }

    /**
     * What the container writes to, which always has room: {@link PacedWebSocket} bounds what a peer has not read. Only
     * the flusher touches what is behind it, and holds no lock then, because a write that fails may run into locks of
     * the container, whose holders write here.
     */
    private static final class FlushedStream extends ServletOutputStream {
        private final WebConnection connection;
        private final Flusher flusher;
        private final Runnable flushNow = this::flushNow;

        private ByteArrayOutputStream waiting = new ByteArrayOutputStream(0);
        /** Whether the flusher is to come by. */
        private boolean due;
        /** From here on, what is behind it may be another connection's: containers use their objects again. */
        private volatile boolean ended;
        /** Whether the container says when it can take more. For the flusher alone. */
        private boolean listening;

        FlushedStream(WebConnection connection, Flusher flusher) {
            this.connection = connection;
            this.flusher = flusher;
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
            waiting.write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            waiting.write(bytes, offset, length);
        }

        @Override
        public synchronized void flush() {
            if (!due) {
                due = true;
                flusher.execute(flushNow);
            }
        }

        void flushNow() {
            if (ended) {
                return;
            }
            try {
                ServletOutputStream out = connection.getOutputStream();
                if (!out.isReady()) {
                    comeBack(out);
                    return;
                }
                ByteArrayOutputStream some;
                synchronized (this) {
                    due = false;
                    some = waiting;
                    // Without room: thousands of connections have nothing to say.
                    waiting = new ByteArrayOutputStream(0);
                }
                if (some.size() > 0) {
                    some.writeTo(out);
                    out.flush();
                }
            } catch (IOException | RuntimeException e) {
                // Whoever reads from the connection hears of its end too, and sees to it.
                LOG.log(Level.DEBUG, "A connection has ended", e);
            }
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
}
