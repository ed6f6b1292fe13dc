package org.draugar.stream;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.draugar.monitoring.Metrics;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * The way to the engine and back: a connection for commands, a connection for messages, and a thread for
 * each. Both connections begin and end together, so that what comes on one fits to what went over the other. Thread-safe.
 *
 * <p>Every second a probe goes out as a command and comes back as a message: a connection that is open and delivers
 * nothing is found within {@value #DEAD_SECONDS} seconds, in both directions.
 */
final class EngineLine {
    private static final Logger LOG = System.getLogger(EngineLine.class.getName());

    /** What a probe's message begins with; the node's number follows. */
    static final char PROBE = 'P';

    /** So many commands may wait for the engine; the next one is refused. */
    static final int MAX_WAITING = 10_000;
    /** What is on its way at once, in bytes: fits into what the system buffers, so that to write does not block. */
    private static final int MAX_TOGETHER = 64 * 1024;
    /** So many messages are taken before what came is passed on, also when there are more. */
    private static final int MAX_TAKEN = 128;

    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** A line that delivers nothing for so long is made anew. */
    static final int DEAD_SECONDS = 5;

    /** What an engine says that is not, or no longer, the one to talk to. */
    private static final Pattern GOODBYE =
            Pattern.compile("READONLY|LOADING|MASTERDOWN|MOVED|ASK|CLUSTERDOWN|NOAUTH|WRONGPASS|NOPERM");

    private static final int MIN_PAUSE_MILLIS = 50;
    private static final int MAX_PAUSE_MILLIS = 1_000;

    private final byte[] probe;
    private final String channel;
    private final String epochKey;
    private final Supplier<EngineConnection> connector;
    private final Listener listener;

    private final Object lock = new Object();
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();
    private final Set<String> channels = new LinkedHashSet<>();
    private final ArrayDeque<CommandArguments> subscriptions = new ArrayDeque<>();
    /** Whether commands are taken. */
    private boolean open;

    private long lastNumber;
    private boolean stopped;
    private Session session;
    private Thread thread;

    private volatile String trouble = "The engine of the cluster is being connected";
    private volatile long seen;
    private String epoch;

    /** The number of the last command that has its answer, or never gets one. */
    private volatile long answered;

    private final Object answers = new Object();
    private volatile boolean isAwaited;

    /** Hears what happens on a line. Must not block. */
    interface Listener {

        /** The line is there, for the first time or again. Nothing has gone over it yet. */
        void up();

        /** The line has broken. */
        void down();

        /** The engine has forgotten everything, or is another one. */
        void forgotten();

        /** From here on the messages of a channel come. */
        void subscribed(String channel);

        /** A message, in the thread that reads. */
        void message(String channel, byte[] message);

        /** No more messages for a moment. */
        void paused();

        /** No more answers for a moment. */
        void answered();

        /** Once a second while the line is up, in the thread that writes. */
        void tick();
    }

    /**
     * @param node who this is
     * @param channel of the probes
     * @param connector makes a connection, or throws
     */
    EngineLine(long node, String channel, Supplier<EngineConnection> connector, Listener listener) {
        this.probe = ByteBuffer.allocate(1 + Long.BYTES)
                .put((byte) PROBE)
                .putLong(node)
                .array();
        this.channel = channel;
        this.epochKey = channel + ":epoch";
        this.connector = connector;
        this.listener = listener;
        channels.add(channel);
    }

    /** Begins to connect, for good. */
    void start(ThreadFactory threads) {
        thread = threads.newThread(() -> run(threads));
        thread.start();
    }

    /** Ends it; what still waits fails. */
    void stop() {
        synchronized (lock) {
            stopped = true;
            lock.notifyAll();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(1));
            synchronized (lock) {
                if (session != null) {
                    session.cut();
                }
            }
            thread.join(TimeUnit.SECONDS.toMillis(DEAD_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends a command after those before it, or fails it at once. */
    void send(Call call) {
        RuntimeException refusal;
        synchronized (lock) {
            if (open && waiting.size() < MAX_WAITING) {
                call.numbered(++lastNumber);
                waiting.add(call);
                if (waiting.size() == 1) {
                    lock.notifyAll();
                }
                return;
            }
            refusal = open
                    ? new IllegalStateException("The engine of the cluster does not keep up")
                    : new IllegalStateException(trouble);
        }
        call.failed(refusal);
    }

    /** @return whether the line is up; otherwise it is subscribed to as soon as it is */
    boolean subscribe(String name) {
        synchronized (lock) {
            channels.add(name);
            subscriptions.add(command(Protocol.Command.SSUBSCRIBE, name));
            lock.notifyAll();
            return open;
        }
    }

    void unsubscribe(String name) {
        synchronized (lock) {
            channels.remove(name);
            subscriptions.add(command(Protocol.Command.SUNSUBSCRIBE, name));
            lock.notifyAll();
        }
    }

    /** In words for the operator. */
    Optional<String> trouble() {
        synchronized (lock) {
            if (!open) {
                return Optional.of(trouble);
            }
        }
        return isSilent()
                ? Optional.of("The engine of the cluster has delivered nothing for " + DEAD_SECONDS + " seconds")
                : Optional.empty();
    }

    private boolean isSilent() {
        return System.nanoTime() - seen > TimeUnit.SECONDS.toNanos(DEAD_SECONDS);
    }

    /** Waits until the answer to a command has been dealt with, for a few seconds at most. */
    void awaitAnswer(long number) {
        if (answered >= number) {
            return;
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEAD_SECONDS);
        synchronized (answers) {
            isAwaited = true;
            try {
                long left = end - System.nanoTime();
                while (answered < number && left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(answers, left);
                    left = end - System.nanoTime();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                isAwaited = false;
            }
        }
    }

    private void answered(long number) {
        if (number <= answered) {
            return;
        }
        answered = number;
        if (isAwaited) {
            synchronized (answers) {
                answers.notifyAll();
            }
        }
    }

    private void run(ThreadFactory threads) {
        int pause = 0;
        while (pause(pause)) {
            RuntimeException reason = new JedisConnectionException("its messages do not come any more");
            boolean wasUp = false;
            try {
                Session made = new Session();
                try {
                    // Where the messages alone end, what waits may go over the next connections.
                    made.serve(threads);
                } finally {
                    wasUp = made.isUp;
                }
            } catch (RuntimeException e) {
                reason = e;
                close(e);
            }
            if (wasUp) {
                if (!isStopped()) {
                    LOG.log(Level.WARNING, "The line to the engine of the cluster has broken: {0}", words(reason));
                }
                tell(listener::down);
                pause = 0;
            }
            pause = pause == 0
                    ? MIN_PAUSE_MILLIS
                    : Math.min(
                            MAX_PAUSE_MILLIS,
                            pause * 2 - ThreadLocalRandom.current().nextInt(pause));
        }
        close(new IllegalStateException("The server stops"));
    }

    private boolean isStopped() {
        synchronized (lock) {
            return stopped;
        }
    }

    /** @return whether to go on */
    private boolean pause(int millis) {
        synchronized (lock) {
            try {
                long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
                long left = end - System.nanoTime();
                while (!stopped && left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                    left = end - System.nanoTime();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                stopped = true;
            }
            return !stopped;
        }
    }

    /** Takes no more, and fails what waits. */
    private void close(RuntimeException reason) {
        List<Call> lost;
        synchronized (lock) {
            open = false;
            trouble = "The engine of the cluster does not answer: " + words(reason);
            lost = List.copyOf(waiting);
            waiting.clear();
        }
        fail(lost);
        answered(lastNumber());
    }

    /** Libraries wrap what happened in words such as "Failed to connect". */
    private static String words(Throwable reason) {
        Throwable cause = reason;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private long lastNumber() {
        synchronized (lock) {
            return lastNumber;
        }
    }

    private void fail(Collection<Call> calls) {
        calls.forEach(call -> tell(() -> call.failed(new IllegalStateException(trouble))));
    }

    private static void tell(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "An event of the cluster could not be dealt with", e);
        }
    }

    private static CommandArguments command(Protocol.Command command, String... arguments) {
        CommandArguments made = new CommandArguments(command);
        for (String argument : arguments) {
            made.add(argument);
        }
        return made;
    }

    /** Two connections, while they last. */
    private final class Session {
        private final EngineConnection commands;
        private final EngineConnection messages;
        private final ArrayDeque<Call> onTheirWay = new ArrayDeque<>();
        private boolean isUp;
        private boolean hasNoMessages;
        /** What the engine has said, where it is not to be used any more. */
        private String goodbye;

        Session() {
            commands = connector.get();
            try {
                messages = connector.get();
            } catch (RuntimeException e) {
                commands.cut();
                throw e;
            }
        }

        void cut() {
            commands.cut();
            messages.cut();
        }

        void serve(ThreadFactory threads) {
            Thread reader = threads.newThread(this::receive);
            try {
                if (!commands.run().equals(messages.run())) {
                    throw new JedisConnectionException("it is being replaced");
                }
                load();
                open();
                reader.start();
                tell(listener::up);
                exchange();
            } catch (RuntimeException e) {
                close(e);
                throw e;
            } finally {
                cut();
                synchronized (lock) {
                    session = null;
                    lock.notifyAll();
                }
                fail(onTheirWay);
                join(reader);
            }
        }

        private void open() {
            seen = System.nanoTime();
            synchronized (lock) {
                session = this;
                isUp = true;
                open = true;
                subscriptions.clear();
                channels.forEach(name -> subscriptions.add(command(Protocol.Command.SSUBSCRIBE, name)));
            }
            LOG.log(Level.INFO, "The engine of the cluster is connected");
        }

        /** So that it tells nothing more when the line begins again. */
        private void join(Thread reader) {
            try {
                reader.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void load() {
            Script.ALL.forEach(script -> commands.write(script.load()));
            commands.flush();
            for (int i = 0; i < Script.ALL.size(); i++) {
                if (commands.read() instanceof JedisDataException e) {
                    throw e;
                }
            }
        }

        private void exchange() {
            long nextProbe = System.nanoTime();
            List<CommandArguments> changes = new ArrayList<>();
            while (await(nextProbe, changes)) {
                changes.forEach(messages::write);
                if (!changes.isEmpty()) {
                    messages.flush();
                    changes.clear();
                }
                if (System.nanoTime() - nextProbe >= 0) {
                    nextProbe = System.nanoTime() + PROBE_NANOS;
                    if (isSilent()) {
                        messages.cut();
                    }
                    onTheirWay.add(new Probe());
                    tell(listener::tick);
                }
                if (!onTheirWay.isEmpty()) {
                    send();
                    tell(listener::answered);
                }
                if (goodbye != null) {
                    throw new JedisConnectionException(goodbye);
                }
            }
        }

        /** @return whether to go on */
        private boolean await(long until, List<CommandArguments> changes) {
            synchronized (lock) {
                try {
                    long left = until - System.nanoTime();
                    while (!stopped && !hasNoMessages && waiting.isEmpty() && subscriptions.isEmpty() && left > 0) {
                        TimeUnit.NANOSECONDS.timedWait(lock, left);
                        left = until - System.nanoTime();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    stopped = true;
                }
                if (hasNoMessages || (stopped && waiting.isEmpty())) {
                    return false;
                }
                while (!subscriptions.isEmpty()) {
                    changes.add(subscriptions.remove());
                }
                int size = 0;
                while (!waiting.isEmpty() && size < MAX_TOGETHER) {
                    Call call = waiting.remove();
                    size += call.size();
                    onTheirWay.add(call);
                }
                return true;
            }
        }

        private void send() {
            List<Call> unknown = sendOnce();
            if (!unknown.isEmpty()) {
                // Somebody has emptied the engine's memory of scripts.
                onTheirWay.addAll(unknown);
                load();
                fail(sendOnce());
            }
        }

        /** @return what the engine did not understand */
        private List<Call> sendOnce() {
            onTheirWay.forEach(call -> commands.write(call.command(commands.run())));
            commands.flush();
            long askedAt = System.nanoTime();
            List<Call> unknown = new ArrayList<>(0);
            while (!onTheirWay.isEmpty()) {
                Object answer = commands.read();
                Call call = onTheirWay.remove();
                if (answer instanceof JedisNoScriptException) {
                    unknown.add(call);
                } else if (answer instanceof JedisDataException refusal) {
                    if (GOODBYE.matcher(refusal.getMessage()).lookingAt()) {
                        goodbye = refusal.getMessage();
                    }
                    tell(() -> call.failed(new IllegalStateException(
                            "The engine of the cluster refuses: " + refusal.getMessage(), refusal)));
                } else {
                    tell(() -> call.answered(answer));
                }
                if (unknown.isEmpty()) {
                    answered(call.number());
                }
            }
            Metrics.engineAnswered(askedAt);
            return unknown;
        }

        private void receive() {
            try {
                int taken = 0;
                while (true) {
                    Object push = messages.read();
                    if (push instanceof List<?> parts) {
                        take(parts);
                    } else {
                        throw new JedisConnectionException("it does not take subscriptions: " + push);
                    }
                    if (++taken >= MAX_TAKEN || !messages.hasMore()) {
                        tell(listener::paused);
                        taken = 0;
                    }
                }
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "The engine of the cluster sends no more messages", e);
                tell(listener::paused);
            } finally {
                end();
            }
        }

        private void take(List<?> parts) {
            String kind = text(parts.get(0));
            String name = text(parts.get(1));
            if (kind.equals("smessage")) {
                byte[] message = (byte[]) parts.get(2);
                if (name.equals(channel) && Arrays.equals(message, probe)) {
                    seen = System.nanoTime();
                } else {
                    tell(() -> listener.message(name, message));
                }
            } else if (kind.equals("ssubscribe") && !name.equals(channel)) {
                tell(() -> listener.subscribed(name));
            }
        }

        /** Without messages, commands are of no use: what has its answer already is dealt with, then they begin anew. */
        private void end() {
            synchronized (lock) {
                hasNoMessages = true;
                lock.notifyAll();
                try {
                    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
                    long left = end - System.nanoTime();
                    while (session == this && left > 0) {
                        TimeUnit.NANOSECONDS.timedWait(lock, left);
                        left = end - System.nanoTime();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            // To write may block for ever where nobody reads.
            commands.cut();
        }
    }

    private final class Probe extends Call {
        private final byte[] fresh = new byte[Long.BYTES];

        Probe() {
            ThreadLocalRandom.current().nextBytes(fresh);
        }

        @Override
        CommandArguments command(String run) {
            return Script.PROBE
                    .call(2)
                    .add(epochKey)
                    .add(channel)
                    .add(run)
                    .add(fresh)
                    .add(probe);
        }

        @Override
        void answered(Object answer) {
            String found = text(answer);
            boolean isNew = epoch != null && !epoch.equals(found);
            epoch = found;
            if (isNew) {
                listener.forgotten();
            }
        }

        @Override
        void failed(RuntimeException reason) {
            LOG.log(Level.DEBUG, "A probe failed", reason);
        }
    }

    private static String text(Object bytes) {
        return new String((byte[]) bytes, StandardCharsets.ISO_8859_1);
    }
}
