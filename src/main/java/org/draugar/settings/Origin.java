package org.draugar.settings;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a page comes from (RFC 6454), in one spelling: without a port that the scheme has anyway, a slash at the end,
 * capitals, or another way to write the same IPv6 address.
 *
 * @param port empty for that of the scheme
 */
public record Origin(String scheme, String host, String port) {
    private static final Pattern ORIGIN = Pattern.compile(
            "([a-z][a-z0-9+.-]*)://(\\[[0-9a-f:.]{2,45}]|[^\\s/:?#@\\[\\]]{1,253})(?::([0-9]{1,5}))?/?",
            Pattern.CASE_INSENSITIVE);
    private static final String DEFAULT_PORTS = "80|443";

    /** Empty when it is none, or one that stands for nothing, such as {@code null}. */
    public static Optional<Origin> parse(String text) {
        Matcher matcher = ORIGIN.matcher(text == null ? "" : text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        String port = matcher.group(3) == null ? "" : matcher.group(3);
        boolean isDefault = scheme.equals("https") ? port.equals("443") : scheme.equals("http") && port.equals("80");
        try {
            return Optional.of(new Origin(scheme, host(matcher.group(2)), isDefault ? "" : port));
        } catch (IllegalArgumentException | UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static String host(String text) throws UnknownHostException {
        if (text.startsWith("[")) {
            // Of a literal, nobody is asked.
            return "[" + InetAddress.getByName(text).getHostAddress() + "]";
        }
        String host = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return IDN.toASCII(host.toLowerCase(Locale.ROOT), IDN.ALLOW_UNASSIGNED);
    }

    /**
     * Whether a request that was sent to a host, as the {@code Host} header has it, went to this origin. Behind a proxy
     * that ends TLS the scheme is not seen, so the usual port of either counts as none.
     */
    public boolean isAt(String hostHeader) {
        return parse(scheme + "://" + hostHeader)
                .filter(other -> !hostHeader.endsWith("/"))
                .filter(other -> other.host.equals(host)
                        && (other.port.equals(port) || (port.isEmpty() && other.port.matches(DEFAULT_PORTS))))
                .isPresent();
    }

    @Override
    public String toString() {
        return scheme + "://" + host + (port.isEmpty() ? "" : ":" + port);
    }
}
