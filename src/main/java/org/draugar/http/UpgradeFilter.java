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
import java.io.IOException;

/**
 * Lets WebSockets write several frames at once in containers that make them by a servlet's upgrade (Jakarta Servlet 6.0,
 * 2.3.3.5) and flush after each frame, as Tyrus does: here a flush is left to the {@link Flusher}. Others, which upgrade
 * in a way of their own, never come by.
 */
public class UpgradeFilter implements Filter {
    @Inject
    private Flusher flusher;

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        boolean upgrade = ((HttpServletRequest) request).getHeader("Upgrade") != null;
        chain.doFilter(upgrade ? new Upgradable((HttpServletRequest) request, flusher) : request, response);
    }

    private static final class Upgradable extends HttpServletRequestWrapper {
        private final Flusher flusher;

        Upgradable(HttpServletRequest request, Flusher flusher) {
            super(request);
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
            super.upgrade(Handler.class).handler(handler, flusher);
            return handler;
        }
    }

    /** Stands before the container's own handler. Public because containers make it. */
    public static final class Handler implements HttpUpgradeHandler {
        private HttpUpgradeHandler handler;
        private Flusher flusher;

        void handler(HttpUpgradeHandler handler, Flusher flusher) {
            this.handler = handler;
            this.flusher = flusher;
        }

        @Override
        public void init(WebConnection connection) {
            handler.init(new FlushedConnection(connection, flusher));
        }

        @Override
        public void destroy() {
            handler.destroy();
        }
    }

    private record FlushedConnection(WebConnection connection, FlushedStream out) implements WebConnection {

        FlushedConnection(WebConnection connection, Flusher flusher) {
            this(connection, new FlushedStream(connection, flusher));
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
        public void close() throws Exception {
            out.flushNow();
            connection.close();
        }
    }

    /** What the container writes to. The flusher comes from another thread, so one of them at a time. */
    private static final class FlushedStream extends ServletOutputStream {
        private final WebConnection connection;
        private final Flusher flusher;
        private final Runnable flushNow = this::flushNow;
        /** Whether the flusher is to come by, or is to be called when more can be written. Guarded by this. */
        private boolean due;

        FlushedStream(WebConnection connection, Flusher flusher) {
            this.connection = connection;
            this.flusher = flusher;
        }

        @Override
        public synchronized boolean isReady() {
            try {
                return connection.getOutputStream().isReady();
            } catch (IOException e) {
                // The write that follows says so.
                return true;
            }
        }

        @Override
        public synchronized void write(int b) throws IOException {
            connection.getOutputStream().write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            connection.getOutputStream().write(bytes, offset, length);
        }

        @Override
        public synchronized void flush() {
            if (!due) {
                due = true;
                flusher.add(flushNow);
            }
        }

        /** When more cannot be written right now, the container says when it can, and then this comes again. */
        synchronized void flushNow() {
            if (!due || !isReady()) {
                return;
            }
            due = false;
            try {
                connection.getOutputStream().flush();
            } catch (IOException | RuntimeException e) {
                // The connection has ended, which its reader hears too.
            }
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            try {
                connection.getOutputStream().setWriteListener(new WriteListener() {
                    @Override
                    public void onWritePossible() {
                        // Not here: this may run within a flush, and the listener waits for whoever waits for that.
                        flusher.add(() -> writeMore(listener));
                    }

                    @Override
                    public void onError(Throwable thrown) {
                        flusher.add(() -> listener.onError(thrown));
                    }
                });
            } catch (IOException e) {
                listener.onError(e);
            }
        }

        private void writeMore(WriteListener listener) {
            try {
                listener.onWritePossible();
                flushNow();
            } catch (IOException | RuntimeException e) {
                listener.onError(e);
            }
        }

        @Override
        public synchronized void close() throws IOException {
            connection.getOutputStream().close();
        }
    }
}
