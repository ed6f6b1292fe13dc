package org.draugar.outbound;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Tells the addresses of the Internet from those of a network's inside (IANA's special-purpose registries, RFC 6890).
 */
final class Addresses {
    /** Of IPv4, what is not the Internet's. */
    private static final List<Prefix> INSIDE_4 = prefixes(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3");

    /** Of IPv6, all that is the Internet's. */
    private static final Prefix GLOBAL_6 = Prefix.of("2000::/3");

    /** What of that is not: Teredo and other protocols, documentation. */
    private static final List<Prefix> INSIDE_6 = prefixes("2001::/23", "2001:db8::/32", "3fff::/20");

    /** They carry an address of IPv4, from this byte on: that is where they lead to. */
    private static final Prefix NAT64 = Prefix.of("64:ff9b::/96");

    private static final Prefix SIX_TO_FOUR = Prefix.of("2002::/16");

    private Addresses() {}

    /** The first bits of addresses. */
    private record Prefix(byte[] bytes, int bits) {
        static Prefix of(String text) {
            String[] parts = text.split("/");
            try {
                // Of a literal, nobody is asked.
                return new Prefix(InetAddress.getByName(parts[0]).getAddress(), Integer.parseInt(parts[1]));
            } catch (java.net.UnknownHostException e) {
                throw new IllegalArgumentException(text, e);
            }
        }

        boolean has(byte[] address) {
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((address[bit / 8] & mask) != (bytes[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static List<Prefix> prefixes(String... texts) {
        return Arrays.stream(texts).map(Prefix::of).toList();
    }

    /** Whether it is one of the Internet. Java gives an IPv4 address that is mapped into IPv6 as the IPv4 that it is. */
    static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return isPublic4(bytes);
        }
        if (NAT64.has(bytes)) {
            return isPublic4(Arrays.copyOfRange(bytes, 12, 16));
        }
        if (SIX_TO_FOUR.has(bytes)) {
            return isPublic4(Arrays.copyOfRange(bytes, 2, 6));
        }
        return GLOBAL_6.has(bytes) && INSIDE_6.stream().noneMatch(prefix -> prefix.has(bytes));
    }

    private static boolean isPublic4(byte[] bytes) {
        return INSIDE_4.stream().noneMatch(prefix -> prefix.has(bytes));
    }
}
