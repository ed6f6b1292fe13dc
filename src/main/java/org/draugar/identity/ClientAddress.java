package org.draugar.identity;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.draugar.settings.Settings;

/** Where a request comes from and went to, seen through the reverse proxies that the settings trust. */
@Singleton
public class ClientAddress {
    private static final Logger LOG = System.getLogger(ClientAddress.class.getName());

    /** No chain of proxies is longer. */
    private static final int MAX_HOPS = 32;

    /** An IPv4 address, an IPv6 address, or one in brackets; all but the second may have a port. */
    private static final Pattern HOP =
            Pattern.compile("\"?(?:(\\d{1,3}(?:\\.\\d{1,3}){3})(?::\\d{1,5})?|\\[([0-9a-fA-F:.]{2,45})](?::\\d{1,5})?"
                    + "|([0-9a-fA-F:.]{2,45}))\"?");

    private static final List<String> MARKS_OF_PROXIES = List.of("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via");

    private final Settings settings;
    private final Set<String> proxies;
    private final AtomicBoolean hinted = new AtomicBoolean();

    @Inject
    ClientAddress(Settings settings) {
        this.settings = settings;
        this.proxies = settings.proxies().stream()
                .map(proxy -> parse(proxy).map(InetAddress::getHostAddress).orElse(proxy))
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Where a request comes from.
     *
     * @param address of the client; null where nobody else could be it
     * @param proxy the peer that says so, where it is not one of those that are believed, else null
     */
    public record Source(String address, String proxy) {
        /** A program on this machine, which only the operator can start. */
        static final Source HERE = new Source(null, null);
    }

    /**
     * The address of the client. {@code X-Forwarded-For} is read from its end, across all its lines, past the proxies
     * that are trusted: what a trusted one wrote is believed, and whatever stands before that the client may have made up.
     *
     * <p>A peer in the same network that sends this header is likely a proxy that the settings have forgotten. What it
     * says is taken for the client's address, so that one person's wrong codes do not count for everybody behind it; it
     * is named too, so that a peer which makes addresses up gains little.
     */
    public Source of(HttpServletRequest request) {
        return of(request.getRemoteAddr(), Collections.list(request.getHeaders("X-Forwarded-For")));
    }

    Source of(String remote, List<String> forwarded) {
        Optional<InetAddress> peer = parse(remote);
        if (peer.isEmpty()) {
            return new Source(remote, null);
        }
        List<String> hops = hops(forwarded);
        if (!hops.isEmpty() && !isTrusted(peer.get()) && isNear(peer.get())) {
            hint();
            String last = parse(hops.get(0)).orElse(peer.get()).getHostAddress();
            return new Source(last, peer.get().getHostAddress());
        }
        InetAddress client = peer.get();
        for (String hop : hops) {
            Optional<InetAddress> before = parse(hop);
            if (!isTrusted(client) || before.isEmpty()) {
                break;
            }
            client = before.get();
        }
        return new Source(client.getHostAddress(), null);
    }

    /** Whether a request comes from a program on this machine, and not through a proxy on it. */
    public boolean isOnThisMachine(HttpServletRequest request) {
        return parse(request.getRemoteAddr())
                        .filter(InetAddress::isLoopbackAddress)
                        .isPresent()
                && MARKS_OF_PROXIES.stream().allMatch(name -> request.getHeader(name) == null);
    }

    /**
     * The address of this server as the client sees it, such as {@code https://family.example}: what its owner says, or
     * else what a page says of itself, or else what a trusted proxy says, or else how the request came.
     */
    public String server(HttpServletRequest request) {
        if (settings.url().isPresent()) {
            return settings.url().get();
        }
        String host = request.getHeader("Host");
        if (host == null || !host.matches("[A-Za-z0-9.:\\[\\]_-]{1,255}")) {
            host = request.getServerName() + ":" + request.getServerPort();
        }
        String origin = request.getHeader("Origin");
        if (origin != null && origin.matches("https?://" + Pattern.quote(host))) {
            return origin;
        }
        return (isSecure(request) ? "https://" : "http://") + host;
    }

    /** Whether the client came by TLS, as the container or a trusted proxy says. */
    public boolean isSecure(HttpServletRequest request) {
        return request.isSecure() || (isFromProxy(request) && "https".equals(request.getHeader("X-Forwarded-Proto")));
    }

    /** Whether the address that was asked for is this machine's own, such as {@code localhost}. */
    public boolean isForThisMachine(HttpServletRequest request) {
        String name = request.getServerName();
        return "localhost".equalsIgnoreCase(name)
                || parse(name).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    /** Whether a request has come through what is likely a proxy that the settings do not name. */
    public boolean missesProxy() {
        return hinted.get();
    }

    /** Whether a proxy that the settings trust has passed the request on. */
    boolean isFromProxy(HttpServletRequest request) {
        return parse(request.getRemoteAddr()).filter(this::isTrusted).isPresent();
    }

    /** What proxies have added, the last one first. */
    private static List<String> hops(List<String> lines) {
        List<String> hops = new ArrayList<>();
        for (String line : lines) {
            hops.addAll(List.of(line.split(",", -1)));
        }
        Collections.reverse(hops);
        return hops.stream().limit(MAX_HOPS).map(String::strip).toList();
    }

    /** Reads an address as it is written, and asks nobody for a name. */
    private static Optional<InetAddress> parse(String text) {
        // Some containers add the interface to an address of the link.
        Matcher hop = HOP.matcher(text.indexOf('%') < 0 ? text : text.substring(0, text.indexOf('%')));
        if (!hop.matches()) {
            return Optional.empty();
        }
        String literal = hop.group(1) != null ? hop.group(1) : hop.group(2) != null ? hop.group(2) : hop.group(3);
        if (hop.group(1) == null && literal.indexOf(':') < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private boolean isTrusted(InetAddress address) {
        return proxies.contains(address.getHostAddress());
    }

    /** Whether it is of this machine or a private network, where operators have their proxies and strangers are not. */
    private static boolean isNear(InetAddress address) {
        boolean uniqueLocal = address instanceof Inet6Address && (address.getAddress()[0] & 0xFE) == 0xFC;
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || uniqueLocal;
    }

    private void hint() {
        if (hinted.compareAndSet(false, true)) {
            LOG.log(
                    Level.INFO,
                    "Requests come through a proxy that is not named in DRAUGAR_PROXIES: name its address there, so"
                            + " that wrong codes count for those who enter them");
        }
    }
}
