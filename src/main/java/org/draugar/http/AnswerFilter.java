package org.draugar.http;

import jakarta.inject.Inject;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;

/**
 * Has answers written by {@link Answers}, to their last byte: what is left to the container it writes when all filters are
 * done, and waits for the peer without a bound. Answers by {@code NonBlockingResponse}, and WebSockets, wait for nobody.
 */
public class AnswerFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    /** Bytes that are written at once. */
    private static final int PIECE = 16 * 1024;

    @Inject
    private transient Answers answers;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String connection = request.getServletConnection().getConnectionId();
        boolean alone = request.getProtocol().startsWith("HTTP/1");
        if (alone && answers.isGivenUp(connection)) {
            Answers.giveUp(response.getOutputStream()::close);
            return;
        }
        Answer answer = new Answer(response, answers);
        try {
            chain.doFilter(request, answer);
            if (answer.getStatus() != HttpServletResponse.SC_SWITCHING_PROTOCOLS && !isAsynchronous(request)) {
                answer.end();
            }
        } catch (IOException e) {
            if (!answer.isBroken()) {
                throw e;
            }
        } finally {
            if (answer.isBroken()) {
                Answers.giveUp(response.getOutputStream()::close);
                if (alone) {
                    answers.giveUp(connection);
                }
            }
        }
    }

    /** Also where the other thread has answered already. */
    private static boolean isAsynchronous(HttpServletRequest request) {
        try {
            return request.getAsyncContext() != null;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static final class Answer extends HttpServletResponseWrapper {
        private final Answers answers;
        private Stream stream;
        /** Whether the container has something to say of it. */
        private boolean left;

        Answer(HttpServletResponse response, Answers answers) {
            super(response);
            this.answers = answers;
        }

        @Override
        public ServletOutputStream getOutputStream() throws IOException {
            if (stream == null) {
                stream = new Stream(super.getOutputStream(), answers);
            }
            return stream;
        }

        @Override
        public PrintWriter getWriter() throws IOException {
            left = true;
            return super.getWriter();
        }

        @Override
        public void sendError(int status) throws IOException {
            left = true;
            super.sendError(status);
        }

        @Override
        public void sendError(int status, String message) throws IOException {
            left = true;
            super.sendError(status, message);
        }

        @Override
        public void flushBuffer() throws IOException {
            if (left) {
                super.flushBuffer();
            } else {
                getOutputStream().flush();
            }
        }

        boolean isBroken() {
            return stream != null && stream.broken;
        }

        void end() {
            try {
                if (!left) {
                    getOutputStream().close();
                }
            } catch (IOException | IllegalStateException e) {
                // The peer has hung up, or lets us wait.
            }
        }
    }

    private static final class Stream extends ServletOutputStream {
        private final ServletOutputStream out;
        private final Answers answers;
        /** Whether its writes wait for nobody. */
        private boolean nonBlocking;

        private volatile boolean broken;

        Stream(ServletOutputStream out, Answers answers) {
            this.out = out;
            this.answers = answers;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int start, int length) throws IOException {
            if (nonBlocking) {
                out.write(bytes, start, length);
                return;
            }
            for (int at = 0; at < length; at += PIECE) {
                int from = start + at;
                int count = Math.min(PIECE, length - at);
                piece(() -> out.write(bytes, from, count));
            }
        }

        @Override
        public void flush() throws IOException {
            piece(out::flush);
        }

        @Override
        public void close() throws IOException {
            piece(out::close);
        }

        private void piece(Answers.Piece piece) throws IOException {
            if (nonBlocking) {
                piece.write();
                return;
            }
            if (broken) {
                throw new IOException("The peer does not read");
            }
            try {
                answers.write(piece);
            } catch (IOException e) {
                broken = true;
                throw e;
            }
        }

        @Override
        public boolean isReady() {
            return out.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            nonBlocking = true;
            out.setWriteListener(listener);
        }
    }
}
