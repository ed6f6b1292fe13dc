package org.draugar.stream;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import redis.clients.jedis.CommandArguments;

/**
 * The streams of a cluster: one script of the engine gives an event its place and publishes it, and every node that
 * follows the family hears it, the one that appended it too. Each message names the place before it and the epoch, so
 * that a node sees when it has missed something; docs/adr/0018-several-servers.md says what it does then.
 */
final class RedisStream implements FamilyStream {
    private static final Logger LOG = System.getLogger(RedisStream.class.getName());

    /** In front of an event, by the engine: the epoch, the place before, its place. */
    private static final int HEAD = 3 * Long.BYTES;
    /** Behind that, by the node that appends it: its own number, and that of the command. */
    private static final int ORIGIN = 2 * Long.BYTES;

    /** More than these wait for no gap to be closed: then it is a larger one. */
    private static final int MAX_WAITING = 2_000;

    /** As held.lua. */
    private static final int MAX_HELD = 2_000;

    private static final int MAX_GATES = 100_000;
    /** So many closed streams are said again at once. */
    private static final int MAX_SAID = 2_000;

    private static final long OPENED_NANOS = TimeUnit.HOURS.toNanos(1);
    /** What was told before an epoch began is stored when it is so old. */
    private static final long YOUNG = 30_000L * Offsets.PER_MILLISECOND;

    private static final long PATIENCE_SECONDS = 10;

    private final Engine engine;
    private final Map<String, Followed> followed = new ConcurrentHashMap<>();
    /** Of the thread that reads: who has taken something that is not flushed. */
    private final Set<Followed> touched = new LinkedHashSet<>();

    private final Map<String, Gate> gates = new ConcurrentHashMap<>();
    private final ArrayDeque<Gate> toSay = new ArrayDeque<>();
    private final Set<FamilyId> toForget = ConcurrentHashMap.newKeySet();

    RedisStream(Engine engine) {
        this.engine = engine;
    }

    /**
     * What closed or opened a family's stream to a member last. Every node remembers it, and says it again when the engine
     * has forgotten it; of two, the later place counts.
     *
     * @param until epoch milliseconds; 0 for ever, -1 when it is open
     * @param place of what did it; 0 when the engine has not answered yet
     */
    record Gate(FamilyId family, MemberId member, long until, long place, long known) {
        static final long OPEN = -1;

        static Gate of(long family, long member, long until, long place) {
            return new Gate(new FamilyId(family), new MemberId(member), until, place, System.nanoTime());
        }

        static long until(Instant end) {
            return end == null ? 0 : end.toEpochMilli();
        }

        boolean matters() {
            return until == 0
                    || (until == OPEN ? System.nanoTime() - known < OPENED_NANOS : until > System.currentTimeMillis());
        }

        String key() {
            return family + ":" + member;
        }
    }

    @Override
    public void begin(long above) {
        engine.floor.accumulateAndGet(above, Math::max);
    }

    @Override
    public void append(Envelope event, Appending outcome) {
        String name = engine.name(event.family());
        engine.line().send(new Append(name, event, outcome));
    }

    /** @param script with the keys; what all scripts of a family's stream want comes next */
    private CommandArguments family(CommandArguments script, String run) {
        byte[] fresh = new byte[Long.BYTES];
        ThreadLocalRandom.current().nextBytes(fresh);
        return script.add(run).add(fresh).add(engine.floor.get());
    }

    private static String member(MemberId member) {
        return "m:" + member;
    }

    private final class Append extends Call {
        private final String name;
        private final Envelope event;
        private final Appending outcome;
        private final byte[] bytes;

        Append(String name, Envelope event, Appending outcome) {
            this.name = name;
            this.event = event;
            this.outcome = outcome;
            bytes = EnvelopeBytes.write(event, ORIGIN);
        }

        @Override
        void numbered(long number) {
            super.numbered(number);
            ByteBuffer.wrap(bytes).putLong(engine.node).putLong(number);
        }

        @Override
        CommandArguments command(String run) {
            MemberId member = event.key() == null ? null : event.key().member();
            CommandArguments script = Script.APPEND
                    .call(event.id() == null ? 3 : 4)
                    .add(name + ":state")
                    .add(name + ":stream")
                    .add(name);
            if (event.id() != null) {
                script.add(name + ":id:" + member + ":" + event.id());
            }
            return family(script, run)
                    .add(bytes)
                    .add(member == null ? "" : member(member))
                    .add(event.isShared() ? "1" : "0")
                    .add(gate());
        }

        private String gate() {
            if (event.closes()) {
                return Long.toString(Gate.until(event.closesUntil()));
            }
            return event.opens() ? Long.toString(Gate.OPEN) : "";
        }

        @Override
        void answered(Object answer) {
            long place = (Long) answer;
            if (place == 0) {
                outcome.closed();
                return;
            }
            engine.floor.accumulateAndGet(place, Math::max);
            event.placeAt(place);
            if (event.closes() || event.opens()) {
                long until = event.opens() ? Gate.OPEN : Gate.until(event.closesUntil());
                remember(new Gate(event.family(), event.key().member(), until, place, System.nanoTime()), true);
            }
            outcome.placed(place);
        }

        @Override
        void failed(RuntimeException reason) {
            outcome.failed(reason);
        }

        @Override
        int size() {
            return 300 + bytes.length;
        }
    }

    @Override
    public void close(FamilyId family, MemberId member, Instant until) {
        Gate gate = new Gate(family, member, Gate.until(until), 0, System.nanoTime());
        gates.put(gate.key(), gate);
        say(gate);
    }

    private void say(Gate gate) {
        String name = engine.name(gate.family);
        engine.line().send(new Call() {
            @Override
            CommandArguments command(String run) {
                return family(Script.GATE.call(1).add(name + ":state"), run)
                        .add(member(gate.member))
                        .add(gate.until)
                        .add(gate.place);
            }

            @Override
            void answered(Object answer) {
                if (gate.place == 0) {
                    remember(new Gate(gate.family, gate.member, gate.until, (Long) answer, gate.known), true);
                }
            }

            @Override
            void failed(RuntimeException reason) {
                // Said again when the line is back.
                LOG.log(Level.DEBUG, "A stream could not be closed", reason);
            }
        });
    }

    /** Another node closed or opened a stream. */
    void heard(Gate gate) {
        remember(gate, false);
    }

    private void remember(Gate gate, boolean isOurs) {
        if (gates.size() < MAX_GATES || gates.containsKey(gate.key())) {
            gates.merge(gate.key(), gate, (known, now) -> known.place > now.place ? known : now);
        }
        if (isOurs) {
            engine.redisNodes().tell(gate);
        }
    }

    /** The engine may have forgotten what is closed. */
    void sayAgain() {
        synchronized (toSay) {
            toSay.clear();
            gates.values().removeIf(gate -> !gate.matters());
            toSay.addAll(gates.values());
        }
    }

    @Override
    public CompletionStage<Long> follow(FamilyId family, Follower follower) {
        String name = engine.name(family);
        Followed made = new Followed(family, name, follower);
        followed.put(name, made);
        if (!engine.line().subscribe(name)) {
            made.fail();
        }
        return made.begun;
    }

    @Override
    public void unfollow(FamilyId family) {
        String name = engine.name(family);
        Followed ended = followed.remove(name);
        if (ended != null) {
            engine.line().unsubscribe(name);
        }
    }

    /** Where not all is held, the store is looked into next: so it shall have what it can have. */
    @Override
    public Held held(FamilyId family, long offset) {
        String name = engine.name(family);
        long behind = Math.max(0, offset);
        Look look = new Look(name, behind, 0);
        engine.line().send(look);
        State state = await(look.state.thenCompose(found -> {
            if (found.isWhole(behind) || !found.isYoung()) {
                return CompletableFuture.completedFuture(found);
            }
            CompletableFuture<State> settled = new CompletableFuture<>();
            engine.redisNodes().settle(() -> settled.complete(found));
            return settled;
        }));
        boolean all = state.isWhole(behind);
        List<Envelope> events = new ArrayList<>();
        for (Message message : state.messages) {
            try {
                events.add(message.envelope(family));
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "An event could not be read: {0}", e.getMessage());
                all = false;
            }
        }
        return new Held(all, events, state.upTo());
    }

    private static State await(CompletableFuture<State> state) {
        try {
            return state.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("The engine of the cluster does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The server stops", e);
        }
    }

    @Override
    public void forget(FamilyId family) {
        toForget.add(family);
        String name = engine.name(family);
        engine.line().send(new Call() {
            @Override
            CommandArguments command(String run) {
                return family(Script.FORGET.call(2).add(name + ":state").add(name + ":stream"), run);
            }

            @Override
            void answered(Object answer) {
                toForget.remove(family);
            }

            @Override
            void failed(RuntimeException reason) {
                // Again when the line is back.
                LOG.log(Level.DEBUG, "A stream could not be forgotten", reason);
            }
        });
    }

    @Override
    public Optional<String> trouble() {
        return engine.trouble();
    }

    void subscribed(String name) {
        Followed one = followed.get(name);
        if (one != null) {
            one.ask();
        }
    }

    void message(String name, byte[] message) {
        Followed one = followed.get(name);
        if (one == null) {
            return;
        }
        Message read = new Message(message);
        if (read.node() == engine.node) {
            // Nobody on this node hears of it before its own sender.
            engine.line().awaitAnswer(read.number());
        }
        if (one.hear(read)) {
            touched.add(one);
        }
    }

    void flush() {
        touched.forEach(one -> one.follower.flush());
        touched.clear();
    }

    void up() {
        followed.values().forEach(Followed::interrupt);
        sayAgain();
        toForget.forEach(this::forget);
    }

    void down() {
        followed.values().forEach(Followed::fail);
    }

    void tick() {
        followed.values().forEach(Followed::tick);
        synchronized (toSay) {
            for (int i = 0; i < MAX_SAID && !toSay.isEmpty(); i++) {
                say(toSay.remove());
            }
        }
    }

    /** One event as it goes through the engine. */
    private static final class Message {
        private final ByteBuffer bytes;

        Message(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
        }

        long epoch() {
            return bytes.getLong(0);
        }

        long previous() {
            return (long) bytes.getDouble(Long.BYTES);
        }

        long place() {
            return (long) bytes.getDouble(2 * Long.BYTES);
        }

        long node() {
            return bytes.getLong(HEAD);
        }

        long number() {
            return bytes.getLong(HEAD + Long.BYTES);
        }

        Envelope envelope(FamilyId family) {
            return EnvelopeBytes.read(family, bytes.duplicate().position(HEAD + ORIGIN))
                    .placeAt(place());
        }
    }

    /** What the engine says of a family's stream. */
    private record State(long epoch, long born, long last, long now, List<Message> messages) {
        static State of(Object answer) {
            List<?> parts = (List<?>) answer;
            List<Message> messages = ((List<?>) parts.get(4))
                    .stream().map(bytes -> new Message((byte[]) bytes)).toList();
            return new State(
                    ByteBuffer.wrap((byte[]) parts.get(0)).getLong(),
                    (Long) parts.get(1),
                    (Long) parts.get(2),
                    (Long) parts.get(3),
                    messages);
        }

        /** Whether its messages are all that there were behind a place of this epoch. */
        boolean isWhole(long behind) {
            long reached = behind;
            for (Message message : messages) {
                boolean follows =
                        message == messages.get(0) ? message.previous() <= reached : message.previous() == reached;
                if (message.epoch() != epoch || !follows) {
                    return false;
                }
                reached = message.place();
            }
            return behind >= born && reached >= last;
        }

        /** The last place that it tells of. */
        long upTo() {
            return messages.size() < MAX_HELD
                    ? last
                    : messages.get(messages.size() - 1).place();
        }

        boolean isYoung() {
            return now - born < YOUNG;
        }
    }

    /** Asks for the state of a family's stream, and for what it holds behind a place. */
    private final class Look extends Call {
        private final String name;
        private final long behind;
        private final long told;
        private final CompletableFuture<State> state = new CompletableFuture<>();

        /** @param told a place that the next one must be higher than */
        Look(String name, long behind, long told) {
            this.name = name;
            this.behind = behind;
            this.told = told;
        }

        @Override
        CommandArguments command(String run) {
            return family(Script.HELD.call(2).add(name + ":state").add(name + ":stream"), run)
                    .add(behind)
                    .add(told);
        }

        @Override
        void answered(Object answer) {
            State found = State.of(answer);
            engine.floor.accumulateAndGet(found.last, Math::max);
            state.complete(found);
        }

        @Override
        void failed(RuntimeException reason) {
            state.completeExceptionally(reason);
        }
    }

    /** A family that this node follows. */
    private final class Followed {
        private final FamilyId family;
        private final String name;
        private final Follower follower;
        private final CompletableFuture<Long> begun = new CompletableFuture<>();

        /** The last place that was told, and its epoch; 0 before it is known. */
        private long last;

        private long epoch;
        /** Whether what comes next can be told at once. */
        private boolean isLive;

        private boolean isAsking;
        /** Changes when what was asked for before does not count any more. */
        private int attempt;

        private final ArrayDeque<Message> waiting = new ArrayDeque<>();
        private final RecentIds recent = new RecentIds();

        Followed(FamilyId family, String name, Follower follower) {
            this.family = family;
            this.name = name;
            this.follower = follower;
        }

        /** The engine does not answer. */
        void fail() {
            begun.completeExceptionally(
                    new IllegalStateException(engine.trouble().orElse("The engine of the cluster does not answer")));
        }

        /** The line begins anew: what was asked for and what waits came over the one before. */
        synchronized void interrupt() {
            attempt++;
            isLive = false;
            isAsking = false;
            waiting.clear();
        }

        /** Where the engine has refused: asks again. */
        synchronized void tick() {
            if (!isLive && !isAsking && attempt > 0) {
                ask();
            }
        }

        /** Finds out where the stream is. What comes meanwhile waits. */
        synchronized void ask() {
            int asked = ++attempt;
            isLive = false;
            isAsking = true;
            Look look = new Look(name, last, last);
            look.state.whenComplete((state, failure) -> {
                if (failure == null) {
                    found(asked, state);
                } else {
                    isAsking(asked, false);
                }
            });
            engine.line().send(look);
        }

        private synchronized void isAsking(int asked, boolean still) {
            if (asked == attempt) {
                isAsking = still;
            }
        }

        private void found(int asked, State state) {
            boolean isToFlush;
            synchronized (this) {
                if (asked != attempt) {
                    return;
                }
                if (last == 0) {
                    begin(state);
                } else if (state.epoch == epoch && state.isWhole(last)) {
                    List<Message> later = List.copyOf(waiting);
                    waiting.clear();
                    waiting.addAll(state.messages);
                    waiting.addAll(later);
                } else {
                    lose(state.epoch, state.last);
                    return;
                }
                isToFlush = goOn();
            }
            if (isToFlush) {
                follower.flush();
            }
        }

        private void begin(State state) {
            last = state.last;
            epoch = state.epoch;
            if (!begun.complete(last)) {
                follower.missed(last, last);
            }
        }

        /** What is missing is looked for in the store, when all nodes have written what they were given a place for. */
        private void lose(long newEpoch, long upTo) {
            isAsking = true;
            int asked = attempt;
            engine.redisNodes().settle(() -> {
                if (goOnBehind(asked, newEpoch, upTo)) {
                    follower.flush();
                }
            });
        }

        private synchronized boolean goOnBehind(int asked, long newEpoch, long upTo) {
            if (asked != attempt) {
                return false;
            }
            long reached = Math.max(last, upTo);
            follower.missed(last, reached);
            last = reached;
            if (epoch != newEpoch) {
                epoch = newEpoch;
                recent.turn();
            }
            return goOn();
        }

        /** Tells what waits. @return whether there was something */
        private boolean goOn() {
            isLive = true;
            isAsking = false;
            boolean told = false;
            while (isLive && !waiting.isEmpty()) {
                told |= take(waiting.remove());
            }
            return told;
        }

        /** @return whether it was told */
        synchronized boolean hear(Message message) {
            if (isLive) {
                return take(message);
            }
            waiting.add(message);
            if (waiting.size() > MAX_WAITING) {
                waiting.clear();
                attempt++;
                isAsking = false;
            }
            return false;
        }

        private boolean take(Message message) {
            if (message.epoch() == epoch && message.place() <= last) {
                return false;
            }
            if (message.epoch() != epoch || message.previous() != last) {
                waiting.addFirst(message);
                ask();
                return false;
            }
            Envelope event;
            try {
                event = message.envelope(family);
            } catch (RuntimeException e) {
                LOG.log(
                        Level.WARNING,
                        "An event could not be read; it is looked for in the store: {0}",
                        e.getMessage());
                isLive = false;
                attempt++;
                lose(epoch, message.place());
                return false;
            }
            last = message.place();
            engine.floor.accumulateAndGet(last, Math::max);
            if (recent.isToldBefore(event)) {
                return false;
            }
            follower.take(event);
            return true;
        }
    }
}
