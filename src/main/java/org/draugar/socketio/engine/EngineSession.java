package org.draugar.socketio.engine;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.http.Bodies.Bound;
import org.draugar.transport.NonBlockingResponse;

/**
 * One session of Engine.IO v4, first over long-polling or over a WebSocket, and perhaps moved from the one to the
 * other. Thread-safe; no lock is held while something is sent or the listener is called.
 */
public final class EngineSession {
    private static final Logger LOG = System.getLogger(EngineSession.class.getName());
    /** A poller that is away may find this much; whoever sends more waits until it was fetched. */
    private static final int MAX_WAITING = 16 * 1024;

    /** Characters of a message: a namespace and a token are short. */
    private static final int MAX_FROM_STRANGERS = 4 * 1024;
    /** A poll that came in while the peer moves may be followed by the word that it has moved. */
    private static final long NOOP_MILLIS = 50;

    private static final long OVERTAKEN_MILLIS = 1000;
    /** What could not be said to a peer by then never will be. */
    private static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int STARTED = 0;
    private static final int RETURNED = 1;
    private static final int DONE = 2;

    private final Engine engine;
    private final String id;
    private EngineListener listener;
    private volatile boolean isStranger = true;

    // Guarded by this, until the empty line.
    private final ArrayDeque<Outgoing> outgoing = new ArrayDeque<>(4);
    private int waiting;
    private final LargeMessagePermit permit;
    /** The long poll that waits for something to say. */
    private NonBlockingResponse poll;

    private boolean posting;
    /** The WebSocket that carries this session, or null while polls do. */
    private volatile Carrier carrier;
    /** The WebSocket that asks to carry it. */
    private Carrier candidate;

    private long candidateUntil;
    private boolean sending;
    private boolean closed;
    /** Nothing is known of it any more. */
    private boolean ended;

    private int closeCode = 1000;
    private String closeWords = "";
    /** When it was closed, or when the last ping is due: times of {@link System#nanoTime()}. */
    private long closedAt;

    private long pingAt;
    private boolean pinged;

    /** Settles who goes on after a send: the thread that started it, or the one that ran its callback. */
    private final AtomicInteger phase = new AtomicInteger();

    private record Outgoing(Packet packet, Runnable done) {}

    EngineSession(Engine engine, String id, Carrier carrier) {
        this.engine = engine;
        this.id = id;
        this.carrier = carrier;
        this.permit = engine.permit();
        this.pingAt = System.nanoTime() + engine.settings().pingInterval().toNanos();
    }

    /** The session's id: random, and all that a poll has to prove itself with. */
    public String id() {
        return id;
    }

    /**
     * Sends a text message.
     *
     * @param packet the message with the digit 4 before it, so that one text can go to many
     * @param done run when another one may be sent, by any thread, even within this call; not when the session ends
     */
    public void sendPacket(String packet, Runnable done) {
        send(List.of(Packet.text(packet)), done);
    }

    /** Sends messages with nothing in between: a text, and perhaps binary ones. */
    public void send(String message, List<byte[]> binary) {
        List<Packet> packets = new ArrayList<>(1 + binary.size());
        packets.add(Packet.text(Packet.MESSAGE + message));
        binary.forEach(bytes -> packets.add(new Packet(null, bytes)));
        send(packets, null);
    }

    /** Sends a binary message. */
    public void send(byte[] message) {
        send(List.of(new Packet(null, message)), null);
    }

    /** Whether it has ended, or is about to. */
    public synchronized boolean isClosed() {
        return closed;
    }

    /** Says that this session is somebody's: before, it may say little, and goes first when strangers come in crowds. */
    public void welcome() {
        isStranger = false;
        engine.welcome(this);
    }

    /** Whether nobody has said yet whose it is. */
    boolean isStranger() {
        return isStranger;
    }

    /** Who posts, and how much: before a session is somebody's, its id is no credential. */
    Bound bound() {
        return isStranger ? Bound.STRANGER : new Bound(id, maxPayload());
    }

    /** Most bytes of a message. */
    int maxPayload() {
        int most = engine.settings().maxPayload();
        return isStranger ? Math.min(most, MAX_FROM_STRANGERS) : most;
    }

    /** Ends it, after what was sent before. */
    public void close(String reason) {
        close(1000, "", reason);
    }

    /**
     * Ends it, after what was sent before.
     *
     * @param code close code where a WebSocket carries it
     * @param words for the peer, with the code
     * @param reason for the log
     */
    public void close(int code, String words, String reason) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            closedAt = System.nanoTime();
            closeCode = code;
            closeWords = words;
            outgoing.add(new Outgoing(Packet.of(Packet.CLOSE), null));
        }
        guarded(() -> listener.closed(reason));
        flush();
    }

    void start(EngineListener ours) {
        listener = ours;
    }

    /** The permit for a message that comes in. */
    LargeMessagePermit permit() {
        return engine.permit();
    }

    /** The first packet: what the peer must know. */
    Packet open() {
        EngineSettings settings = engine.settings();
        return Packet.text(Packet.OPEN + "{\"sid\":\"" + id + "\",\"upgrades\":["
                + (carrier == null ? "\"websocket\"" : "") + "],\"pingInterval\":"
                + settings.pingInterval().toMillis() + ",\"pingTimeout\":"
                + settings.pingTimeout().toMillis() + ",\"maxPayload\":" + settings.maxPayload() + "}");
    }

    void sendOpen() {
        send(List.of(open()), null);
    }

    /** Looks after the heartbeat and what has taken too long. */
    void tick(long now) {
        Carrier late = null;
        boolean timedOut = false;
        boolean forgotten = false;
        boolean ping = false;
        synchronized (this) {
            if (closed) {
                forgotten = now - closedAt > GOODBYE_NANOS;
            } else if (isOverdue(now)) {
                timedOut = true;
            } else if (!pinged && now - pingAt >= 0) {
                pinged = true;
                ping = true;
            }
            if (candidate != null && now - candidateUntil > 0) {
                late = candidate;
                candidate = null;
            }
        }
        if (late != null) {
            late.close(1000, "");
        }
        guarded(() -> listener.tick(now));
        if (forgotten) {
            end();
        } else if (timedOut) {
            close("ping timeout");
            end();
        } else if (ping) {
            send(List.of(Packet.of(Packet.PING)), null);
        }
    }

    /** Takes a long poll. @return whether it may wait for its answer */
    boolean poll(NonBlockingResponse response) {
        NonBlockingResponse earlier = null;
        boolean moving;
        synchronized (this) {
            if (ended || carrier != null || (!closed && isOverdue(System.nanoTime()))) {
                return false;
            }
            if (poll != null) {
                earlier = poll;
                poll = null;
            } else {
                poll = response;
            }
            moving = candidate != null;
        }
        if (earlier != null) {
            answer(earlier, String.valueOf(Packet.CLOSE));
            failed("two polls at once");
            return false;
        }
        flush();
        if (moving) {
            engine.later(() -> answerNoop(response), NOOP_MILLIS);
        }
        return true;
    }

    /** The peer has given up a poll. */
    synchronized void lost(NonBlockingResponse response) {
        if (poll == response) {
            poll = null;
        }
    }

    /** Whether a body may come in now: {@link #posted} must follow. */
    boolean post() {
        synchronized (this) {
            if (closed || carrier != null || isOverdue(System.nanoTime())) {
                return false;
            }
            if (!posting) {
                posting = true;
                return true;
            }
        }
        failed("two posts at once");
        return false;
    }

    /**
     * A body came in, or its coming in has failed.
     *
     * @param body null when it could not be read
     * @return whether it was good
     */
    boolean posted(String body) {
        try {
            return body != null && Packet.read(body, this::hear);
        } catch (IllegalArgumentException e) {
            failed("parse error");
            return false;
        } finally {
            synchronized (this) {
                posting = false;
            }
        }
    }

    /** A WebSocket asks to carry this session from here on. @return whether it may ask */
    synchronized boolean probe(Carrier asking) {
        if (closed || carrier != null || candidate != null) {
            return false;
        }
        candidate = asking;
        candidateUntil = System.nanoTime() + engine.settings().upgradeTimeout().toNanos();
        return true;
    }

    /** A text came in on a WebSocket. */
    void text(Carrier from, String text) {
        try {
            if (isCarriedBy(from)) {
                hear(Packet.read(text));
            } else if (text.equals(Packet.PING + "probe")) {
                from.send(Packet.text(Packet.PONG + "probe"), () -> {});
                NonBlockingResponse held;
                synchronized (this) {
                    held = poll;
                }
                if (held != null) {
                    engine.later(() -> answerNoop(held), NOOP_MILLIS);
                }
            } else if (text.length() == 1 && text.charAt(0) == Packet.UPGRADE) {
                move(from);
            } else {
                dropCandidate(from);
            }
        } catch (IllegalArgumentException e) {
            failed("parse error");
        }
    }

    /** A binary message came in on a WebSocket. */
    void binary(Carrier from, byte[] bytes) {
        if (isCarriedBy(from)) {
            hear(new Packet(null, bytes));
        } else {
            dropCandidate(from);
        }
    }

    /** A WebSocket of this session has ended. */
    void gone(Carrier gone, String reason) {
        boolean ours;
        synchronized (this) {
            if (candidate == gone) {
                candidate = null;
            }
            ours = carrier == gone;
        }
        if (ours) {
            gone(reason);
        }
    }

    /** The peer broke the protocol. */
    void failed(String reason) {
        close(reason);
        end();
    }

    private synchronized boolean isCarriedBy(Carrier from) {
        return carrier == from;
    }

    private void dropCandidate(Carrier from) {
        synchronized (this) {
            if (candidate == from) {
                candidate = null;
            }
        }
        from.close(1000, "");
    }

    private void move(Carrier to) {
        NonBlockingResponse late;
        synchronized (this) {
            // Not while a body comes in, or two could be heard at once: clients wait for its answer.
            if (candidate != to || closed || posting) {
                return;
            }
            candidate = null;
            carrier = to;
            late = poll;
            poll = null;
        }
        if (late != null) {
            // It came after the peer had said that it polls no more.
            PollingServlet.refuse(late, EngineError.BAD_REQUEST);
        }
        flush();
    }

    private void answerNoop(NonBlockingResponse held) {
        synchronized (this) {
            if (poll != held) {
                return;
            }
            poll = null;
        }
        answer(held, String.valueOf(Packet.NOOP));
    }

    /** @return false when the session ended over it */
    private boolean hear(Packet packet) {
        synchronized (this) {
            if (closed) {
                return false;
            }
        }
        if (packet.text() == null) {
            return told(() -> listener.binary(packet.binary()));
        }
        switch (packet.text().charAt(0)) {
            case Packet.MESSAGE -> {
                return told(() -> listener.text(packet.text().substring(1)));
            }
            case Packet.PONG -> {
                synchronized (this) {
                    pinged = false;
                    pingAt =
                            System.nanoTime() + engine.settings().pingInterval().toNanos();
                }
            }
            case Packet.CLOSE -> gone("the peer said goodbye");
            case Packet.PING -> {
                failed("pings go the other way");
                return false;
            }
            default -> {
                // The others mean nothing here and do no harm.
            }
        }
        return true;
    }

    /** @return false when the session ended over it */
    private boolean told(Runnable call) {
        boolean well = guarded(call);
        if (!well) {
            failed("the application failed");
        }
        return well;
    }

    /** What goes wrong in the application must neither stop the heartbeat nor leave this session half closed. */
    private static boolean guarded(Runnable call) {
        try {
            call.run();
            return true;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The application failed at a session", e);
            return false;
        }
    }

    /** Whether the answer to a ping is late, were the ping sent in time or not. */
    private boolean isOverdue(long now) {
        return now - pingAt - engine.settings().pingTimeout().toNanos() >= 0;
    }

    private void send(List<Packet> packets, Runnable done) {
        boolean goesOn;
        boolean flooded;
        synchronized (this) {
            if (closed) {
                return;
            }
            goesOn = done != null && carrier == null && waiting < MAX_WAITING;
            for (Packet packet : packets) {
                outgoing.add(new Outgoing(packet, goesOn ? null : done));
                waiting += packet.size();
            }
            flooded = waiting > maxPayload() || !permit.hold(waiting);
        }
        if (flooded) {
            failed("asks for more than it takes");
            return;
        }
        flush();
        if (goesOn) {
            done.run();
        }
    }

    private void flush() {
        NonBlockingResponse answered = null;
        List<Outgoing> batch = null;
        boolean last;
        synchronized (this) {
            if (outgoing.isEmpty()) {
                return;
            }
            last = closed;
            if (carrier == null) {
                if (poll == null) {
                    return;
                }
                answered = poll;
                poll = null;
                batch = new ArrayList<>(outgoing);
                outgoing.clear();
                waiting = 0;
                permit.leave();
            } else if (sending) {
                return;
            } else {
                sending = true;
            }
        }
        if (batch == null) {
            drain();
            return;
        }
        if (last) {
            // Before the peer can have its answer, and ask for more.
            end();
        }
        answer(answered, Packet.payload(batch.stream().map(Outgoing::packet).toList()));
        batch.stream().map(Outgoing::done).filter(done -> done != null).forEach(Runnable::run);
    }

    /** Only the thread that set {@code sending} comes here. A loop: some containers run the callback within send. */
    private void drain() {
        do {
            Outgoing next;
            synchronized (this) {
                next = outgoing.poll();
                if (next == null) {
                    sending = false;
                    return;
                }
                waiting -= next.packet().size();
                permit.hold(waiting);
            }
            if (next.packet().is(Packet.CLOSE)) {
                end();
                return;
            }
            phase.set(STARTED);
            carrier.send(next.packet(), () -> {
                if (next.done() != null) {
                    next.done().run();
                }
                if (phase.getAndSet(DONE) == RETURNED) {
                    drain();
                }
            });
        } while (!phase.compareAndSet(STARTED, RETURNED));
    }

    /** The peer has gone: there is nobody to say goodbye to. */
    private void gone(String reason) {
        boolean first;
        boolean overtaken;
        synchronized (this) {
            first = !closed;
            closed = true;
            closedAt = System.nanoTime();
            // The peer's goodbye may have overtaken its poll, which must not hear of an error.
            overtaken = carrier == null && poll == null;
            if (overtaken) {
                outgoing.clear();
                outgoing.add(new Outgoing(Packet.of(Packet.NOOP), null));
            }
        }
        if (first) {
            guarded(() -> listener.closed(reason));
        }
        if (overtaken) {
            engine.later(this::end, OVERTAKEN_MILLIS);
        } else {
            end();
        }
    }

    /** Lets go of everything. */
    private void end() {
        NonBlockingResponse held;
        Carrier asking;
        int code;
        String words;
        engine.remove(this);
        synchronized (this) {
            ended = true;
            code = closeCode;
            words = closeWords;
            outgoing.clear();
            permit.close();
            held = poll;
            poll = null;
            asking = candidate;
            candidate = null;
        }
        if (held != null) {
            answer(held, String.valueOf(Packet.NOOP));
        }
        if (asking != null) {
            asking.close(1000, "");
        }
        if (carrier != null) {
            carrier.close(code, words);
        }
    }

    private static void answer(NonBlockingResponse response, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        try {
            response.head().setContentType("text/plain");
            response.head().setCharacterEncoding("UTF-8");
            response.head().setContentLength(bytes.length);
            response.write(bytes, () -> response.end("answered"));
        } catch (RuntimeException e) {
            // The container gave this poll up a moment ago; the missing pong will tell if the peer has gone too.
        }
    }
}
