package org.draugar.stream;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.draugar.settings.EngineAddress;

/**
 * The engine of a cluster: a Redis or a Valkey, to which each node has its lines. It gives each event its place and tells
 * it to all nodes; the database stays the truth. Thread-safe.
 */
public final class Engine implements AutoCloseable, EngineLine.Listener {
    /** The node, in every message. */
    final long node = new SecureRandom().nextLong();

    /** The highest place that this node has seen, in any family. */
    final AtomicLong floor = new AtomicLong();

    private final String prefix;
    private final EngineLine line;
    private final RedisStream stream = new RedisStream(this);
    private final RedisNodes nodes;
    private volatile Supplier<CompletionStage<Void>> written = () -> CompletableFuture.completedStage(null);

    /** Connects to nothing yet. */
    public Engine(EngineAddress address) {
        // In braces: of a Redis Cluster, one server has all of it. With the number: channels are of all databases.
        prefix = address.database() == 0 ? "{draugar}:" : "{draugar:" + address.database() + "}:";
        String channel = name("nodes");
        line = new EngineLine(node, channel, new EngineConnector(address, channel), this);
        nodes = new RedisNodes(this, channel);
    }

    /** The families' streams. */
    public FamilyStream stream() {
        return stream;
    }

    /** What the nodes tell each other beside them. */
    public Nodes nodes() {
        return nodes;
    }

    /** Begins to connect. */
    public void start(ThreadFactory threads) {
        nodes.start(threads);
        line.start(threads);
    }

    /** Says good-bye to the other nodes. */
    @Override
    public void close() {
        nodes.leave();
        line.stop();
        nodes.stop();
    }

    /**
     * Says how to wait until the store has everything that this node has been given a place for.
     *
     * @param newWritten completes when what was placed before is stored, or never will be
     */
    public void settleBy(Supplier<CompletionStage<Void>> newWritten) {
        written = newWritten;
    }

    CompletionStage<Void> written() {
        return written.get();
    }

    Optional<String> trouble() {
        return line.trouble();
    }

    /** Where the keys and the channel of something belong. */
    String name(Object what) {
        return prefix + what;
    }

    EngineLine line() {
        return line;
    }

    RedisStream redisStream() {
        return stream;
    }

    RedisNodes redisNodes() {
        return nodes;
    }

    @Override
    public void up() {
        stream.up();
        nodes.up();
    }

    @Override
    public void down() {
        stream.down();
    }

    @Override
    public void forgotten() {
        stream.sayAgain();
    }

    @Override
    public void subscribed(String channel) {
        stream.subscribed(channel);
    }

    @Override
    public void message(String channel, byte[] message) {
        if (channel.equals(nodes.channel())) {
            nodes.message(message);
        } else {
            stream.message(channel, message);
        }
    }

    @Override
    public void paused() {
        stream.flush();
    }

    @Override
    public void answered() {
        nodes.settle();
    }

    @Override
    public void tick() {
        stream.tick();
        nodes.tick();
    }
}
