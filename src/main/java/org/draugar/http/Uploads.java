package org.draugar.http;

import jakarta.inject.Singleton;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * Files of any size, which are read while they come and so keep a thread each: one of each member at a time, few in all,
 * and each at a least speed. When all places are taken and one more comes, the slowest file makes room for it, if it is
 * slow: so nobody keeps the others out by sending a little now and then. Thread-safe.
 */
@Singleton
class Uploads {
    static final int MAX_AT_ONCE = 4;
    /** Bytes a second: what is faster is ended for nobody. A year of somebody's positions comes within ten minutes. */
    private static final int FAST = 32 * 1024;
    /** For how long a file is waited for before its speed is compared. */
    private static final Duration FIRST = Duration.ofSeconds(2);
    /** Of a file that could not be read to its end, so that its sender gets the answer. */
    private static final int MAX_REST = 64 << 20;

    private final Map<String, Paced> files = new HashMap<>();

    /** Serves a request with such a file, or refuses it. */
    void pass(HttpServletRequest request, HttpServletResponse response, String sender, FilterChain chain)
            throws IOException, ServletException {
        Paced file = new Paced(request);
        int status = enter(sender, file);
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
        try {
            chain.doFilter(new BodyFilter.WithStream(request, file), response);
            file.finish();
        } finally {
            synchronized (this) {
                files.remove(sender, file);
            }
        }
    }

    private synchronized int enter(String sender, Paced file) {
        if (files.containsKey(sender)) {
            return 429;
        }
        if (files.size() >= MAX_AT_ONCE) {
            Map.Entry<String, Paced> slowest =
                    Collections.min(files.entrySet(), Comparator.comparingDouble(other -> other.getValue()
                            .speed()));
            if (slowest.getValue().speed() >= FAST) {
                return 503;
            }
            // Its thread needs a moment to end, in which there is one more than there should be.
            files.remove(slowest.getKey());
            slowest.getValue().end();
        }
        files.put(sender, file);
        return 0;
    }

    /** Ends when its peer has been waited for too long; the time that we take ourselves does not count. */
    private static final class Paced extends InputStream {
        private final HttpServletRequest request;
        /** Null until something is read: one container reads to its end what was asked for, however slowly it comes. */
        private InputStream in;

        private boolean whole;
        /** Guarded by this, as all that follow: for how long its peer was waited for, without what is waited now. */
        private long waited;

        private long bytes;
        /** Who waits for its peer, or null, and since when. */
        private Thread reader;

        private long since;
        private boolean ended;

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
            begin();
            int count = 0;
            try {
                count = in.read(target, start, length);
            } finally {
                stop(Math.max(0, count));
            }
            whole = count < 0;
            if (!whole && isTooSlow()) {
                throw new IOException("The file comes too slowly");
            }
            return count;
        }

        private synchronized void begin() throws IOException {
            if (ended) {
                throw new IOException("Another file needs the place of this slow one");
            }
            reader = Thread.currentThread();
            since = System.nanoTime();
        }

        private synchronized void stop(int count) {
            waited += System.nanoTime() - since;
            bytes += count;
            reader = null;
            if (ended) {
                // It was for this wait alone: what stores positions must not be interrupted.
                Thread.interrupted();
            }
        }

        private synchronized boolean isTooSlow() {
            double late = (waited - Bodies.GRACE.toNanos()) / 1_000_000_000.0;
            return ended || (late > 0 && bytes < late * Bodies.LEAST_SPEED);
        }

        /** Bytes for each second that its peer was waited for, or more than any where that is not known yet. */
        synchronized double speed() {
            long all = waited + (reader == null ? 0 : System.nanoTime() - since);
            return all < FIRST.toNanos() ? Double.MAX_VALUE : bytes * 1_000_000_000.0 / all;
        }

        /** Ends the wait for its peer, now or when it begins, and with it the file. */
        synchronized void end() {
            ended = true;
            if (reader != null) {
                reader.interrupt();
            }
        }

        @Override
        public int available() throws IOException {
            return in == null ? 0 : in.available();
        }
    }
}
