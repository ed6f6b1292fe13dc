package org.draugar.stream;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * The nodes of a cluster, by the messages on one channel: a letter, the number of the node that speaks, and what it says.
 * Each is heard once a second by its probe. A node that falls silent may have committed something and not announced it
 * any more: then everything is read again, as after the line was down.
 */
final class RedisNodes implements Nodes {
    private static final Logger LOG = System.getLogger(RedisNodes.class.getName());

    private static final char ANNOUNCEMENT = 'A';
    /** Something could not be announced. */
    private static final char LOST = 'L';
    /** Asks every node to store what it was given a place for, and to say so. */
    private static final char SETTLE = 'S';

    private static final char SETTLED = 'D';
    private static final char GATE = 'G';
    private static final char GOODBYE = 'X';

    /** So long after the line is up, every other node has been heard. */
    private static final long MEETING_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** For no longer do events wait for a node that is heard and whose store does not answer. */
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Engine engine;
    private final String channel;
    /** The other nodes, and when each was heard last. */
    private final Map<Long, Long> others = new ConcurrentHashMap<>();

    private final Map<Long, Round> rounds = new ConcurrentHashMap<>();
    private final AtomicLong lastRound = new AtomicLong();
    private final List<Runnable> settling = new ArrayList<>();

    private volatile Consumer<String> listener = message -> {};
    private volatile Runnable missed = () -> {};
    private volatile boolean hasLost;
    private volatile long upSince;

    private final Object reading = new Object();
    private boolean isToRead;
    private boolean stopped;

    /** A question to all other nodes. */
    private record Round(Set<Long> asked, long end, List<Runnable> then) {}

    RedisNodes(Engine engine, String channel) {
        this.engine = engine;
        this.channel = channel;
    }

    void start(ThreadFactory threads) {
        threads.newThread(this::readAgain).start();
    }

    void stop() {
        synchronized (reading) {
            stopped = true;
            reading.notifyAll();
        }
    }

    /** To be called before the line ends. */
    void leave() {
        say(GOODBYE, new byte[0], reason -> {});
    }

    /** How many other nodes there are. */
    int others() {
        return others.size();
    }

    String channel() {
        return channel;
    }

    @Override
    public void announce(String message) {
        say(ANNOUNCEMENT, message.getBytes(StandardCharsets.UTF_8), reason -> hasLost = true);
    }

    @Override
    public void listen(Consumer<String> newListener, Runnable newMissed) {
        missed = newMissed;
        listener = newListener;
    }

    /** Tells all nodes what closed or opened a stream. */
    void tell(RedisStream.Gate gate) {
        ByteBuffer body = ByteBuffer.allocate(4 * Long.BYTES)
                .putLong(gate.family().value())
                .putLong(gate.member().value())
                .putLong(gate.until())
                .putLong(gate.place());
        say(GATE, body.array(), reason -> {});
    }

    private void say(char kind, byte[] body, Consumer<RuntimeException> failed) {
        byte[] message = ByteBuffer.allocate(1 + Long.BYTES + body.length)
                .put((byte) kind)
                .putLong(engine.node)
                .put(body)
                .array();
        engine.line().send(new Call() {
            @Override
            CommandArguments command(String run) {
                return new CommandArguments(Protocol.Command.SPUBLISH)
                        .add(channel)
                        .add(message);
            }

            @Override
            void answered(Object answer) {}

            @Override
            void failed(RuntimeException reason) {
                failed.accept(reason);
            }

            @Override
            int size() {
                return 100 + message.length;
            }
        });
    }

    void up() {
        long now = System.nanoTime();
        upSince = now;
        others.replaceAll((node, heard) -> now);
        if (hasLost) {
            hasLost = false;
            say(LOST, new byte[0], reason -> hasLost = true);
        }
        miss();
    }

    /** Hears a message, in the thread that reads. */
    void message(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        char kind = (char) in.get();
        long node = in.getLong();
        if (node == engine.node) {
            return;
        }
        if (kind == GOODBYE) {
            others.remove(node);
            left(node);
            return;
        }
        others.put(node, System.nanoTime());
        switch (kind) {
            case ANNOUNCEMENT ->
                listener.accept(new String(bytes, in.position(), in.remaining(), StandardCharsets.UTF_8));
            case LOST -> miss();
            case SETTLE -> settleFor(node, in.getLong());
            case SETTLED -> {
                if (in.getLong() == engine.node) {
                    settled(node, in.getLong());
                }
            }
            case GATE ->
                engine.redisStream().heard(RedisStream.Gate.of(in.getLong(), in.getLong(), in.getLong(), in.getLong()));
            default -> {
                // A probe, or the word of a later version: a sign of life.
            }
        }
    }

    /** Runs something when all other nodes have stored what they were given a place for before now, or are silent. */
    void settle(Runnable then) {
        synchronized (settling) {
            settling.add(then);
        }
    }

    /** Asks for all who have asked meanwhile: after an interruption these are many families at once. */
    void settle() {
        List<Runnable> then;
        synchronized (settling) {
            if (settling.isEmpty() || System.nanoTime() - upSince < MEETING_NANOS) {
                return;
            }
            then = List.copyOf(settling);
            settling.clear();
        }
        Set<Long> asked = ConcurrentHashMap.newKeySet();
        asked.addAll(others.keySet());
        if (asked.isEmpty()) {
            then.forEach(RedisNodes::run);
            return;
        }
        long round = lastRound.incrementAndGet();
        rounds.put(round, new Round(asked, System.nanoTime() + SETTLE_NANOS, then));
        ask(round);
    }

    private void ask(long round) {
        say(SETTLE, longs(round), reason -> {});
    }

    private static byte[] longs(long... values) {
        ByteBuffer out = ByteBuffer.allocate(values.length * Long.BYTES);
        for (long value : values) {
            out.putLong(value);
        }
        return out.array();
    }

    private static void run(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "An event of the cluster could not be dealt with", e);
        }
    }

    /** What was sent before has its answer before the next command has one: then it is the store's turn. */
    private void settleFor(long asker, long round) {
        engine.line().send(new Call() {
            @Override
            CommandArguments command(String run) {
                return new CommandArguments(Protocol.Command.PING);
            }

            @Override
            void answered(Object answer) {
                engine.written().whenComplete((done, failure) -> say(SETTLED, longs(asker, round), reason -> {}));
            }

            @Override
            void failed(RuntimeException reason) {
                LOG.log(Level.DEBUG, "Asked again when the line is back", reason);
            }
        });
    }

    private void settled(long node, long number) {
        Round round = rounds.get(number);
        if (round != null && round.asked.remove(node) && round.asked.isEmpty()) {
            end(number);
        }
    }

    private void end(long number) {
        Round round = rounds.remove(number);
        if (round != null) {
            round.then.forEach(RedisNodes::run);
        }
    }

    private void left(long node) {
        rounds.keySet().forEach(number -> settled(node, number));
    }

    /** Once a second, in the thread that writes. */
    void tick() {
        long now = System.nanoTime();
        for (Map.Entry<Long, Long> other : others.entrySet()) {
            if (now - other.getValue() > SILENT_NANOS && others.remove(other.getKey(), other.getValue())) {
                LOG.log(Level.WARNING, "A node of the cluster has fallen silent");
                left(other.getKey());
                miss();
            }
        }
        rounds.forEach((number, round) -> {
            if (now - round.end > 0) {
                LOG.log(Level.WARNING, "{0} nodes of the cluster have not stored everything yet", round.asked.size());
                end(number);
            } else {
                ask(number);
            }
        });
        // Where something has asked outside of an answer.
        settle();
    }

    private void miss() {
        synchronized (reading) {
            isToRead = true;
            reading.notifyAll();
        }
    }

    /** Reads everything again that could have been announced, in a thread of its own: it may take a while. */
    private void readAgain() {
        while (true) {
            synchronized (reading) {
                try {
                    while (!isToRead && !stopped) {
                        reading.wait();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                if (stopped) {
                    return;
                }
                isToRead = false;
            }
            run(missed);
        }
    }

    @Override
    public void remember(String key, String value, Duration term) {
        String name = engine.name("fact:" + key);
        engine.line().send(new Call() {
            @Override
            CommandArguments command(String run) {
                return new CommandArguments(Protocol.Command.SET)
                        .add(name)
                        .add(value)
                        .add("PX")
                        .add(Math.max(1, term.toMillis()));
            }

            @Override
            void answered(Object answer) {}

            @Override
            void failed(RuntimeException reason) {
                LOG.log(Level.DEBUG, "Something could not be remembered", reason);
            }
        });
    }

    @Override
    public CompletionStage<Optional<String>> recall(String key) {
        CompletableFuture<Optional<String>> recalled = new CompletableFuture<>();
        String name = engine.name("fact:" + key);
        engine.line().send(new Call() {
            @Override
            CommandArguments command(String run) {
                return new CommandArguments(Protocol.Command.GET).add(name);
            }

            @Override
            void answered(Object answer) {
                recalled.complete(Optional.ofNullable((byte[]) answer).map(RedisNodes::text));
            }

            @Override
            void failed(RuntimeException reason) {
                recalled.completeExceptionally(reason);
            }
        });
        return recalled;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
