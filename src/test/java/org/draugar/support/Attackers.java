package org.draugar.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/**
 * Peers that mean no good, each with a connection that it opens anew some seconds after it was ended: they say something,
 * once they are answered something more, and then a little of it now and then. One thread carries all of them.
 */
public final class Attackers implements AutoCloseable {
    private static final long AGAIN_AFTER = Duration.ofSeconds(3).toNanos();

    private final Server server;
    private final List<Peer> peers = new ArrayList<>();
    private final Map<String, Integer> answers = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "attackers");
    private volatile boolean ended;

    /**
     * What a peer says; bytes that it does not say are empty.
     *
     * @param first at once
     * @param then once it is answered
     * @param drip again and again
     * @param every how often
     * @param deaf whether it reads nothing
     */
    public record Script(byte[] first, byte[] then, byte[] drip, Duration every, boolean deaf) {
        public static Script of(byte[] first) {
            return new Script(first, new byte[0], new byte[0], Duration.ofDays(1), false);
        }

        public static Script deaf(byte[] first) {
            return new Script(first, new byte[0], new byte[0], Duration.ofDays(1), true);
        }

        public Script then(byte[] bytes) {
            return new Script(first, bytes, drip, every, deaf);
        }

        public Script drip(String text, Duration often) {
            return new Script(first, then, text.getBytes(StandardCharsets.ISO_8859_1), often, deaf);
        }
    }

    private Attackers(Server server) {
        this.server = server;
    }

    /** Lets them loose. */
    public static Attackers start(Server server, int count, IntFunction<Script> scripts) {
        Attackers attackers = new Attackers(server);
        for (int i = 0; i < count; i++) {
            attackers.peers.add(attackers.new Peer(scripts.apply(i)));
        }
        attackers.thread.setDaemon(true);
        attackers.thread.start();
        return attackers;
    }

    /** How often each first line of an answer has come, and how often a connection was ended without one. */
    public Map<String, Integer> answers() {
        return new TreeMap<>(answers);
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
        while (!ended) {
            long now = System.nanoTime();
            for (Peer peer : peers) {
                peer.go(now, buffer);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
        peers.forEach(Peer::close);
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Peer {
        private final Script script;
        private SocketChannel channel;
        private ByteBuffer saying;
        private boolean answered;
        private long nextDrip;
        private long nextOpening;

        Peer(Script script) {
            this.script = script;
        }

        void go(long now, ByteBuffer buffer) {
            try {
                if (channel == null) {
                    if (now - nextOpening >= 0) {
                        open(now);
                    }
                    return;
                }
                if (!channel.finishConnect()) {
                    return;
                }
                if (!script.deaf()) {
                    listen(buffer);
                }
                if (saying.hasRemaining()) {
                    channel.write(saying);
                } else if (channel != null && now - nextDrip >= 0 && script.drip().length > 0) {
                    nextDrip = now + script.every().toNanos();
                    saying = ByteBuffer.wrap(script.drip());
                }
            } catch (IOException e) {
                count("connection broken");
                again(now);
            }
        }

        private void open(long now) throws IOException {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            // Nothing of them is to linger on this machine once they are gone.
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            if (script.deaf()) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            }
            channel.connect(new InetSocketAddress(server.host(), server.port()));
            saying = ByteBuffer.wrap(script.first());
            answered = false;
            nextDrip = now + script.every().toNanos();
        }

        private void listen(ByteBuffer buffer) throws IOException {
            buffer.clear();
            int count = channel.read(buffer);
            if (count < 0) {
                if (!answered) {
                    count("ended");
                }
                again(System.nanoTime());
            } else if (count > 0 && !answered) {
                answered = true;
                buffer.flip();
                String line = StandardCharsets.ISO_8859_1.decode(buffer).toString();
                count(line.substring(0, Math.min(12, line.length())));
                if (script.then().length > 0) {
                    saying = ByteBuffer.wrap(script.then());
                }
            }
        }

        private void count(String what) {
            answers.merge(what, 1, Integer::sum);
        }

        private void again(long now) {
            close();
            channel = null;
            saying = ByteBuffer.allocate(0);
            nextOpening = now + AGAIN_AFTER;
        }

        void close() {
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
