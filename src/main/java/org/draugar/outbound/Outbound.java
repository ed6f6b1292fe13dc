package org.draugar.outbound;

import jakarta.inject.Singleton;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.draugar.settings.Origin;

/**
 * Posts to addresses that members have named (RFC 9112).
 *
 * <p>Threat: a server that posts to whatever address a member names reaches what the member cannot, the router's page or
 * a cloud's metadata (SSRF). So a name is looked up once, each address that it has must be one of the Internet, and the
 * connection is made to that very address: a name that stands for another one a moment later gains nothing. No redirect
 * is followed. Only origins that the operator has named may lie inside, or do without TLS.
 *
 * <p>Threat: an address that does not answer holds whoever calls it. A call ends after {@value #SECONDS} seconds, however
 * slowly its answer drips, and where one took long, the next ones to the same place wait among others of that kind.
 * Thread-safe.
 */
@Singleton
public class Outbound {
    private static final Logger LOG = System.getLogger(Outbound.class.getName());

    /** For a whole call, in seconds. */
    private static final int SECONDS = 10;

    /** Of an answer; its head is all that anybody needs. */
    private static final int MAX_ANSWER = 64 * 1024;

    private static final String RETRY_AFTER = "retry-after:";
    private static final int MAX_URL = 1024;
    private static final Duration LONGEST_REST = Duration.ofHours(12);

    private static final Duration SLOW = Duration.ofSeconds(2);
    private static final int QUICK_THREADS = 32;
    private static final int SLOW_THREADS = 8;
    private static final int MAX_WAITING = 1000;
    private static final int MAX_PLACES = 10_000;
    /** Of the quick lane's threads, for one owner, and for one place that nobody knows yet. */
    private static final int SHARE = 4;

    private static final int STOP_SECONDS = 5;

    private final SSLSocketFactory tls;
    private final Names names;
    private final Duration patience;

    /** Whether a place was quick the last time. Guarded by this, as what follows. */
    private final Map<String, Boolean> quick = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_PLACES;
        }
    };

    /** How many threads of the quick lane owners and places have. */
    private final Map<String, Integer> shares = new HashMap<>();

    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;
    private ThreadPoolExecutor quickLane;
    private ThreadPoolExecutor slowLane;
    private ScheduledExecutorService timer;

    /** Looks names up. */
    interface Names {
        InetAddress[] of(String host) throws UnknownHostException;
    }

    /** Trusts whom the server's Java trusts. */
    public Outbound() {
        this(trusting(), InetAddress::getAllByName, Duration.ofSeconds(SECONDS));
    }

    Outbound(SSLContext trusting, Names names, Duration patience) {
        this.tls = trusting.getSocketFactory();
        this.names = names;
        this.patience = patience;
    }

    private static SSLContext trusting() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has TLS", e);
        }
    }

    /**
     * The head of an answer.
     *
     * @param retryAfter for how long it wants to be left alone (RFC 9110, 10.2.3), or null
     */
    public record Answer(int status, Duration retryAfter) {
        /** Whether it took what was sent. */
        public boolean isFine() {
            return status >= 200 && status < 300;
        }
    }

    /** It is an address that this server does not send to, or none at all. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused() {
            super("No address that this server may send to");
        }
    }

    /**
     * To be called once.
     *
     * @param threads for calls
     * @param deadlines where calls are ended that take too long
     */
    public void start(ThreadFactory threads, ScheduledExecutorService deadlines) {
        timer = deadlines;
        quickLane = lane(QUICK_THREADS, threads);
        slowLane = lane(SLOW_THREADS, threads);
    }

    private static ThreadPoolExecutor lane(int threads, ThreadFactory factory) {
        ThreadPoolExecutor lane = new ThreadPoolExecutor(
                threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(MAX_WAITING), factory);
        lane.allowCoreThreadTimeOut(true);
        return lane;
    }

    /** Ends all calls, and waits until whoever made them has heard of it. */
    public void stop() {
        stopped = true;
        if (quickLane == null) {
            return;
        }
        for (ThreadPoolExecutor lane : List.of(quickLane, slowLane)) {
            // Not by interrupting: the embedded database closes its file when one of its callers is interrupted.
            lane.shutdown();
            lane.getQueue().clear();
        }
        sockets.forEach(Outbound::close);
        try {
            if (!quickLane.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)
                    || !slowLane.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "Some calls go on while the server stops");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Runs a call in a thread for such: with a place that took long the last time, among others of that kind.
     *
     * @param owner whose call it is: nobody has all threads
     * @param place where it leads to, such as an origin
     * @param then what follows, when the thread is no longer counted as the owner's
     * @throws RejectedExecutionException when too many wait, or the owner has their share of threads
     */
    public void run(String owner, String place, Runnable call, Runnable then) {
        List<String> holders = take("owner " + owner, "place " + place, place);
        try {
            (holders.isEmpty() ? slowLane : quickLane).execute(() -> {
                long start = System.nanoTime();
                try {
                    call.run();
                } finally {
                    give(holders, place, System.nanoTime() - start < SLOW.toNanos());
                }
                then.run();
            });
        } catch (RejectedExecutionException e) {
            give(holders, place, null);
            throw e;
        }
    }

    /** Takes a thread of the quick lane for them; for none where they are to use the slow one. */
    private synchronized List<String> take(String owner, String place, String name) {
        Boolean known = quick.get(name);
        boolean isQuick = known == null ? shares.getOrDefault(place, 0) < SHARE : known;
        if (!isQuick) {
            return List.of();
        }
        if (shares.getOrDefault(owner, 0) >= SHARE) {
            // Not among the slow ones: their own calls end soon.
            throw new RejectedExecutionException("Others want to be called too");
        }
        List<String> holders = List.of(owner, place);
        holders.forEach(holder -> shares.merge(holder, 1, Integer::sum));
        return holders;
    }

    private synchronized void give(List<String> holders, String place, Boolean wasQuick) {
        holders.forEach(holder -> shares.computeIfPresent(holder, (h, share) -> share == 1 ? null : share - 1));
        if (wasQuick != null) {
            quick.put(place, wasQuick);
        }
    }

    /**
     * Reads a URL that may be posted to: {@code https}, or at an origin that is named; with no user, and no fragment.
     *
     * @param named origins that the operator has named
     */
    public static Optional<URI> url(String text, Set<String> named) {
        if (text == null || text.length() > MAX_URL) {
            return Optional.empty();
        }
        try {
            URI url = new URI(text);
            boolean plain = url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawFragment() == null
                    && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
            return plain ? Optional.of(url).filter(found -> isAllowed(found, named)) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static boolean isAllowed(URI url, Set<String> named) {
        return origin(url)
                .filter(origin -> origin.startsWith("https://") || named.contains(origin))
                .isPresent();
    }

    /** Where a URL leads to, as {@link Origin} writes it. */
    public static Optional<String> origin(URI url) {
        return Origin.parse(url.getScheme() + "://" + url.getRawAuthority()).map(Origin::toString);
    }

    /**
     * Posts, and waits for the answer: {@value #SECONDS} seconds at most.
     *
     * @param named origins that the operator has named
     * @throws Refused when it leads to where this server does not send to
     * @throws IOException when there is no answer
     */
    public Answer post(URI url, Map<String, String> headers, byte[] body, Set<String> named) throws IOException {
        String origin = origin(url).orElseThrow(Refused::new);
        boolean isNamed = named.contains(origin);
        if (!isNamed && !origin.startsWith("https://")) {
            throw new Refused();
        }
        InetAddress[] addresses = addresses(url.getHost());
        if (!isNamed && !Arrays.stream(addresses).allMatch(Addresses::isPublic)) {
            throw new Refused();
        }
        byte[] request = request(url, headers, body);
        try (Socket socket = new Socket()) {
            sockets.add(socket);
            ScheduledFuture<?> end = timer.schedule(() -> close(socket), patience.toMillis(), TimeUnit.MILLISECONDS);
            try {
                if (stopped) {
                    throw new IOException("The server stops");
                }
                // Of several, the one that Java prefers.
                socket.connect(new InetSocketAddress(addresses[0], port(url)));
                Socket line = url.getScheme().equalsIgnoreCase("https") ? secure(socket, url) : socket;
                OutputStream out = line.getOutputStream();
                out.write(request);
                out.flush();
                return answer(line.getInputStream());
            } finally {
                end.cancel(false);
                sockets.remove(socket);
            }
        }
    }

    /** All that a name has, looked up once. */
    private InetAddress[] addresses(String host) throws Refused {
        try {
            return names.of(host);
        } catch (UnknownHostException e) {
            // As one inside: nobody learns which names there are.
            throw new Refused();
        }
    }

    private static int port(URI url) {
        return url.getPort() != -1 ? url.getPort() : url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /** Its certificate must be that of the name that was asked for (RFC 9110, 4.3.4). */
    private SSLSocket secure(Socket socket, URI url) throws IOException {
        SSLSocket secure = (SSLSocket) tls.createSocket(socket, url.getHost(), port(url), true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private static byte[] request(URI url, Map<String, String> headers, byte[] body) throws IOException {
        StringBuilder head = new StringBuilder("POST ")
                .append(url.getRawPath().isEmpty() ? "/" : url.getRawPath())
                .append(url.getRawQuery() == null ? "" : "?" + url.getRawQuery())
                .append(" HTTP/1.1\r\nHost: ")
                .append(url.getRawAuthority())
                .append("\r\nConnection: close\r\nUser-Agent: Draugar\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        request.write(body);
        return request.toByteArray();
    }

    private static Answer answer(InputStream in) throws IOException {
        Lines lines = new Lines(in);
        while (true) {
            int status = status(lines.next());
            Duration rest = null;
            for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
                if (line.toLowerCase(Locale.ROOT).startsWith(RETRY_AFTER)) {
                    rest = rest(line.substring(RETRY_AFTER.length()).strip());
                }
            }
            // Before the answer there may be others on the way to it (RFC 9110, 15.2). Nobody reads what comes behind
            // it.
            if (status >= 200) {
                return new Answer(status, rest);
            }
        }
    }

    /** The lines of an answer, as many as anybody reads. */
    private static final class Lines {
        private final InputStream in;
        private int left = MAX_ANSWER;

        Lines(InputStream in) {
            this.in = new BufferedInputStream(in);
        }

        String next() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0 || --left == 0) {
                    throw new IOException(c < 0 ? "No answer" : "The answer's head is too long");
                }
                line.append((char) c);
            }
            return line.toString().stripTrailing();
        }
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
            throw new IOException("No answer of HTTP");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static Duration rest(String value) {
        Duration rest = value.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(value)) : until(value);
        if (rest == null || rest.isNegative()) {
            return null;
        }
        return rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest;
    }

    private static Duration until(String date) {
        try {
            return Duration.between(
                    Instant.now(),
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed, one way or the other.
        }
    }
}
