package org.draugar.http;

import jakarta.inject.Singleton;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;

/**
 * Files of any size, which are read while they come and so keep a thread each: one of each member at a time, few in all,
 * and each at a least speed. Thread-safe.
 */
@Singleton
class Uploads {
    static final int MAX_AT_ONCE = 4;
    /** Of a file that could not be read to its end, so that its sender gets the answer. */
    private static final int MAX_REST = 64 << 20;

    private final Set<String> senders = new HashSet<>();

    /** Serves a request with such a file, or refuses it. */
    void pass(HttpServletRequest request, HttpServletResponse response, String sender, FilterChain chain)
            throws IOException, ServletException {
        int status = enter(sender);
        if (status != 0) {
            response.setHeader("Retry-After", "10");
            Refusal.send(
                    response,
                    status,
                    status == 429
                            ? "A file of yours is on its way already: wait until it is here"
                            : "Too many files are on their way at once; send yours again later");
            return;
        }
        Paced file = new Paced(request);
        try {
            chain.doFilter(new BodyFilter.WithStream(request, file), response);
            file.finish();
        } finally {
            synchronized (this) {
                senders.remove(sender);
            }
        }
    }

    private synchronized int enter(String sender) {
        if (senders.contains(sender)) {
            return 429;
        }
        if (senders.size() >= MAX_AT_ONCE) {
            return 503;
        }
        senders.add(sender);
        return 0;
    }

    /** Ends when its peer has been waited for too long; the time that we take ourselves does not count. */
    private static final class Paced extends InputStream {
        private final HttpServletRequest request;
        /** Null until something is read: one container reads to its end what was asked for, however slowly it comes. */
        private InputStream in;

        private boolean whole;
        private long waited;
        private long bytes;

        Paced(HttpServletRequest request) {
            this.request = request;
        }

        /** Lets the rest come, as far as it does; after that, nobody waits for it. */
        void finish() {
            byte[] rest = new byte[16 * 1024];
            try {
                for (long more = 0; in != null && !whole && more < MAX_REST; ) {
                    more += Math.max(0, read(rest, 0, rest.length));
                }
            } catch (IOException e) {
                // Too slow, or gone.
            }
            if (in != null && !whole) {
                Bodies.giveUp(in);
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int start, int length) throws IOException {
            if (in == null) {
                in = request.getInputStream();
            }
            long begun = System.nanoTime();
            int count = in.read(target, start, length);
            waited += System.nanoTime() - begun;
            bytes += Math.max(0, count);
            whole = count < 0;
            double late = (waited - Bodies.GRACE.toNanos()) / 1_000_000_000.0;
            if (count >= 0 && late > 0 && bytes < late * Bodies.LEAST_SPEED) {
                throw new IOException("The file comes too slowly");
            }
            return count;
        }

        @Override
        public int available() throws IOException {
            return in == null ? 0 : in.available();
        }
    }
}
