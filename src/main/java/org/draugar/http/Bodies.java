package org.draugar.http;

import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the bodies of requests in, with few threads: a body that is not here yet keeps one until it is, and what keeps
 * the others waiting goes. So peers that send a byte now and then, or none, take nothing from those who live from the
 * other threads, WebSockets above all.
 *
 * <p>Two kinds of senders: strangers, who have not said who they are, and those whose credential is known. Each kind has
 * threads of its own. When all are taken, the body that has taken longest goes: somebody who joins, and whose body comes
 * at once, gets in beside any number of slow ones. Thread-safe.
 */
@Singleton
public class Bodies {
    /** A code and a name, a token, or one position with all its details. */
    public static final int MAX_FROM_STRANGER = 16 * 1024;

    static final int MAX_STRANGERS = 64;
    static final int MAX_KNOWN = 64;
    static final int MAX_OF_ONE = 16;
    /** Whole, from a stranger; from others, before the {@link #LEAST_SPEED} is looked at. */
    static final Duration GRACE = Duration.ofSeconds(10);
    /** Whole, from those who are known. */
    static final Duration WITHIN = Duration.ofMinutes(2);
    /** Bytes a second: a phone at the edge of an old network is faster. */
    static final int LEAST_SPEED = 2048;

    /** What each may have here beside the room for large bodies. */
    private static final int SMALL = 16 * 1024;

    private static final int LEAST_ROOM = 8 << 20;
    private static final int FIRST_BYTES = 1024;
    /** Reads that had something to give all the same. */
    private static final int GIVE_UP_AFTER = 64;

    /** Of a body that nobody wants. */
    private static final Bound NOTHING = new Bound(null, 0);

    private static final String BODY = Bodies.class.getName();
    private static final String HELD = BODY + ".held";
    private static final String RETRY_SECONDS = "5";
    private static final String TOO_SLOW = "The request took too long to come: send it again, all at once";

    /** For bodies larger than small ones, in bytes. */
    private final long room = Math.max(LEAST_ROOM, Runtime.getRuntime().maxMemory() / 32);

    /** The one that has taken longest first. Guarded by this, as all that follow. */
    private final Set<Coming> strangers = new LinkedHashSet<>();

    private final Set<Coming> known = new LinkedHashSet<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private long taken;

    /**
     * Who sends, and how much they may.
     *
     * @param sender names whoever the credential belongs to; null for a stranger
     * @param maxBytes most bytes of the body
     */
    public record Bound(String sender, int maxBytes) {
        /** That of a sender who has not said who they are. */
        public static final Bound STRANGER = new Bound(null, MAX_FROM_STRANGER);
    }

    /** Why a body did not come in: a status, and words of ours for people. */
    public record Refused(int status, String message) {}

    /** Whether a request has, or may have, a body. */
    public static boolean isExpected(HttpServletRequest request) {
        long length = request.getContentLengthLong();
        // HTTP/1.1 says that one comes (RFC 9112, 6.3); later versions need not.
        return length > 0
                || (length < 0
                        && (request.getHeader("Transfer-Encoding") != null
                                || request.getProtocol().startsWith("HTTP/2")));
    }

    /** The body, where it was taken in. */
    public static Optional<byte[]> of(HttpServletRequest request) {
        return Optional.ofNullable((byte[]) request.getAttribute(BODY));
    }

    /**
     * Takes the body in, or answers the request. To be called before anything was read of it.
     *
     * @return true when it is here; false when the request is answered, because it is too large, too slow or ends early
     */
    public boolean take(HttpServletRequest request, HttpServletResponse response, Bound bound) throws IOException {
        Optional<Refused> refused = receive(request, response, bound);
        if (refused.isPresent()) {
            Refusal.send(response, refused.get().status(), refused.get().message());
        }
        return refused.isEmpty();
    }

    /**
     * Takes the body in. To be called before anything was read of it.
     *
     * @return empty when it is here; or what to refuse the request with, because it is too large, too slow or ends early
     */
    public Optional<Refused> receive(HttpServletRequest request, HttpServletResponse response, Bound bound)
            throws IOException {
        if (of(request).isPresent()) {
            return Optional.empty();
        }
        long length = request.getContentLengthLong();
        if (!isExpected(request)) {
            request.setAttribute(BODY, new byte[0]);
            return Optional.empty();
        }
        if (length > bound.maxBytes()) {
            return Optional.of(refused(413, bound));
        }
        // Before the stream is asked for: one container reads to its end what was asked for, however slowly it comes.
        Coming coming = new Coming(bound);
        if (!enter(coming)) {
            response.setHeader("Connection", "close");
            response.setHeader("Retry-After", RETRY_SECONDS);
            return Optional.of(refused(429, bound));
        }
        int status;
        // Its room is kept until the request is served: what is understood of it is larger yet.
        request.setAttribute(HELD, coming);
        try {
            InputStream in = request.getInputStream();
            status = coming.read(in);
            if (status != 0) {
                giveUp(in);
            }
        } finally {
            leave(coming);
        }
        if (status == 0) {
            request.setAttribute(BODY, coming.bytes());
            return Optional.empty();
        }
        // What is still to come of it is nobody's any more.
        response.setHeader("Connection", "close");
        if (status == 503) {
            response.setHeader("Retry-After", RETRY_SECONDS);
        }
        return Optional.of(refused(status, bound));
    }

    private static Refused refused(int status, Bound bound) {
        return new Refused(
                status,
                switch (status) {
                    case 400 -> "The request ended early";
                    case 408 -> TOO_SLOW;
                    case 413 -> "The request is too big: at most " + bound.maxBytes() + " bytes";
                    case 429 -> "Too many requests of yours at once: wait until some are answered";
                    default -> "Too many large requests at once; send it again later";
                });
    }

    /**
     * Reads what nobody wants of a body, as far as it comes soon, so that its sender hears the answer. It counts as that
     * of a stranger: left to the container, the rest of each could keep a thread for as long as it drips.
     */
    void pass(HttpServletRequest request) throws IOException {
        if (of(request).isPresent() || !isExpected(request)) {
            return;
        }
        Coming rest = new Coming(NOTHING);
        enter(rest);
        try {
            InputStream in = request.getInputStream();
            if (rest.read(in) != 0) {
                giveUp(in);
            }
        } finally {
            leave(rest);
            request.setAttribute(BODY, new byte[0]);
        }
    }

    /** Ends the body of a request that is answered, unless somebody answers it later. */
    void end(HttpServletRequest request) throws IOException {
        free(request);
        // Who waits to be told to go on (RFC 9110, 10.1.1) sends nothing. Nobody waits for another reason, or in
        // HTTP/1.0.
        boolean waits = "100-continue".equalsIgnoreCase(request.getHeader("Expect"))
                && !"HTTP/1.0".equals(request.getProtocol());
        if (!request.isAsyncStarted() && !waits) {
            pass(request);
        }
    }

    /** To be called when the request is served, once or more: the body is nobody's any more. */
    public void free(HttpServletRequest request) {
        if (request.getAttribute(HELD) instanceof Coming served) {
            request.removeAttribute(HELD);
            synchronized (this) {
                taken -= served.held;
            }
        }
    }

    /** To be run every second: ends what takes too long, also where nothing comes at all. */
    public void look() {
        long now = System.nanoTime();
        List<Coming> all;
        synchronized (this) {
            all = new ArrayList<>(strangers);
            all.addAll(known);
        }
        all.stream().filter(coming -> coming.isTooSlow(now)).forEach(Coming::end);
    }

    /**
     * Reads no more of a body, nor lets the container do so after the request: an interrupted wait breaks the stream, or
     * the wait for the rest of it that closing it is.
     */
    static void giveUp(InputStream in) {
        byte[] rest = new byte[SMALL];
        try {
            for (int i = 0; i < GIVE_UP_AFTER; i++) {
                Thread.currentThread().interrupt();
                if (in.read(rest) < 0) {
                    break;
                }
            }
        } catch (IOException | RuntimeException e) {
            // As it should.
        }
        try {
            Thread.currentThread().interrupt();
            in.close();
        } catch (IOException | RuntimeException e) {
            // As it should.
        } finally {
            Thread.interrupted();
        }
    }

    /** @return false when its sender has too many already */
    private boolean enter(Coming entering) {
        String sender = entering.bound.sender();
        Coming oldest = null;
        synchronized (this) {
            if (sender != null && counts.merge(sender, 1, Integer::sum) > MAX_OF_ONE) {
                counts.merge(sender, -1, Integer::sum);
                return false;
            }
            Set<Coming> kind = sender == null ? strangers : known;
            if (kind.size() >= (sender == null ? MAX_STRANGERS : MAX_KNOWN)) {
                Iterator<Coming> all = kind.iterator();
                oldest = all.next();
                // Its thread needs a moment to end, in which there is one more than there should be.
                all.remove();
            }
            kind.add(entering);
        }
        if (oldest != null) {
            oldest.end();
        }
        return true;
    }

    private synchronized void leave(Coming leaving) {
        strangers.remove(leaving);
        known.remove(leaving);
        if (leaving.bound.sender() != null) {
            counts.computeIfPresent(leaving.bound.sender(), (sender, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Makes room for a body that grows to this size. @return whether there is any */
    private synchronized boolean hold(Coming growing, int size) {
        long more = Math.max(0, size - SMALL) - growing.held;
        if (more > 0) {
            if (taken + more > room) {
                return false;
            }
            taken += more;
            growing.held += more;
        }
        return true;
    }

    /** A body on its way in, read by the thread that made it. */
    private final class Coming {
        private final Bound bound;
        private final long begun = System.nanoTime();
        private byte[] bytes = new byte[FIRST_BYTES];
        private volatile int size;
        /** Of the room for large bodies; guarded by all of them. */
        private long held;
        /** Who waits for it, or null; guarded by this. */
        private Thread reader;

        private volatile boolean ended;

        Coming(Bound bound) {
            this.bound = bound;
        }

        byte[] bytes() {
            return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
        }

        /** @return the status to refuse it with, or 0 when it is whole */
        int read(InputStream in) {
            synchronized (this) {
                reader = Thread.currentThread();
            }
            try {
                while (true) {
                    if (size == bytes.length) {
                        // One byte more than it may be, to see that it is more.
                        int larger = Math.min(bound.maxBytes() + 1, 2 * size);
                        if (!hold(this, larger)) {
                            return 503;
                        }
                        bytes = Arrays.copyOf(bytes, larger);
                    }
                    int count = in.read(bytes, size, bytes.length - size);
                    if (count < 0) {
                        return 0;
                    }
                    size += bound == NOTHING ? 0 : count;
                    if (size > bound.maxBytes()) {
                        return 413;
                    }
                    if (ended || isTooSlow(System.nanoTime())) {
                        return 408;
                    }
                }
            } catch (IOException | RuntimeException e) {
                return ended ? 408 : 400;
            } finally {
                synchronized (this) {
                    reader = null;
                    // It was for this wait alone.
                    Thread.interrupted();
                }
            }
        }

        boolean isTooSlow(long now) {
            long late = now - begun - GRACE.toNanos();
            return late > 0
                    && (bound.sender() == null
                            || now - begun > WITHIN.toNanos()
                            || size < late / 1_000_000_000.0 * LEAST_SPEED);
        }

        /** Ends the wait, and often the connection with it. */
        synchronized void end() {
            ended = true;
            if (reader != null) {
                reader.interrupt();
            }
        }
    }
}
