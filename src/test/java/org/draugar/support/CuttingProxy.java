package org.draugar.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A network that breaks: it carries connections to a server and cuts each after a random number of bytes, in the middle
 * of whatever is under way, until it has cut often enough; or all at once, when it is told to.
 */
public final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final int fewestBytes;
    private final int mostBytes;
    private final AtomicInteger left;
    private final Random random;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean down;
    /** Guarded by this. */
    private boolean silent;

    private final AtomicLong carried = new AtomicLong();
    private volatile boolean frozen;
    private volatile String refused;

    /** Breaks only when it is told to. */
    public CuttingProxy(int target) {
        this(target, 0, 1, 2);
    }

    public CuttingProxy(int target, int cuts, int fewestBytes, int mostBytes) {
        this.target = target;
        this.left = new AtomicInteger(cuts);
        this.random = cuts == 0 ? new Random() : Extent.random(cuts + " cuts");
        this.fewestBytes = fewestBytes;
        this.mostBytes = mostBytes;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** How many bytes it has let through, in both directions. */
    public long carried() {
        return carried.get();
    }

    /** How many cuts are still to come. */
    public int left() {
        return Math.max(0, left.get());
    }

    /** Cuts everything, and lets nothing through any more. */
    public void cut() {
        down = true;
        closeAll();
    }

    /** Lets nothing through any more and tells nobody, as a cable that is pulled. */
    public synchronized void silence() {
        silent = true;
    }

    /** Cuts everything, and takes connections from then on without a word, as a server does that hangs. */
    public void freeze() {
        frozen = true;
        closeAll();
    }

    /** Works again; what was held back comes late, and what it took without a word ends. */
    public synchronized void mend() {
        if (frozen) {
            closeAll();
        }
        down = frozen = false;
        silent = false;
        notifyAll();
    }

    private synchronized void awaitNoise() {
        try {
            while (silent) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Cuts connections whose first request begins so, such as {@code GET /ws}. */
    public void refuse(String request) {
        refused = request;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                if (down) {
                    client.close();
                    continue;
                }
                if (frozen) {
                    open.add(client);
                    continue;
                }
                Socket server;
                try {
                    server = new Socket(InetAddress.getLoopbackAddress(), target);
                } catch (IOException e) {
                    // The target is away; it may come back.
                    client.close();
                    continue;
                }
                open.add(client);
                open.add(server);
                AtomicInteger bytes = new AtomicInteger(fewestBytes + random.nextInt(mostBytes - fewestBytes));
                thread(() -> carry(client, server, bytes));
                thread(() -> carry(server, client, bytes));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void carry(Socket from, Socket to, AtomicInteger bytes) {
        byte[] buffer = new byte[512];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            boolean first = true;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (first && refused != null && new String(buffer, 0, count, ISO_8859_1).startsWith(refused)) {
                    return;
                }
                first = false;
                awaitNoise();
                int rest = bytes.addAndGet(-count);
                carried.addAndGet(count);
                if (rest > 0 || left.get() <= 0) {
                    out.write(buffer, 0, count);
                } else {
                    out.write(buffer, 0, Math.max(0, count + rest));
                    if (rest + count > 0) {
                        left.decrementAndGet();
                    }
                    return;
                }
            }
        } catch (IOException e) {
            // The other direction has cut.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "network");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listening.close();
            closeAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeAll() {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
