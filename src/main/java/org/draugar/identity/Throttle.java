package org.draugar.identity;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.draugar.http.Problem;
import org.draugar.identity.ClientAddress.Source;

/**
 * Slows down who guesses codes: each client address may be wrong twenty times at once, then once every six seconds.
 *
 * <p>Only wrong guesses count, and only against the address that they came from (an IPv6 /64 is one address: whoever
 * has one address of it has them all; and a /48 has the budget of ten). So nobody can lock a family out from elsewhere, and signed-in devices, whose
 * tokens are too long to guess, never pass here. Thread-safe.
 */
@Singleton
public class Throttle {
    static final int BURST = 20;
    private static final Duration REFILL = Duration.ofSeconds(6);
    /**
     * How many times as often many together may be wrong: those behind a proxy that is not known to be one, and those in
     * an IPv6 /48, which may be one house, whose owner has 65,536 networks, or a town at its provider's.
     */
    private static final int TIMES_OF_MANY = 10;

    /** Bytes of an IPv6 address that name the network of a house, and those that its owner may have many of. */
    private static final int HOUSE = 8;

    private static final int SITE = 6;

    /** Six hundred addresses that guess as fast as each may; 32^8 codes last for 350 years of it. */
    private static final Limit ALL = new Limit(1000, Duration.ofMillis(10));

    /** Addresses remembered; a guesser with more of them than this gains a fresh start for each, and no memory. */
    private static final int MAX_ADDRESSES = 10_000;

    private static final String EVERYBODY = "";

    private final Limit each;
    private final Limit all;
    private final String words;

    /** For each address the time at which its debt is worked off, in {@link System#nanoTime()}. */
    private final Map<String, Long> clearAt = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    /** So many at once, and one more after each refill. */
    record Limit(int burst, Duration refill) {
        long afterOne(long clear) {
            return clear + refill.toNanos();
        }

        Duration beforeOne(long clear, long now) {
            return Duration.ofNanos(clear - now).minus(refill.multipliedBy(burst - 1L));
        }
    }

    /** Slows down who guesses codes and other secrets. */
    public Throttle() {
        this(new Limit(BURST, REFILL), ALL, "Too many wrong codes from your network: wait a little");
    }

    /**
     * @param each of each address
     * @param all of all together
     * @param words for whoever has to wait
     */
    Throttle(Limit each, Limit all, String words) {
        this.each = each;
        this.all = all;
        this.words = words;
    }

    /**
     * Books one attempt from there before its code is looked up, so that a thousand at once count as a thousand.
     *
     * @throws Problem 429 with the time to wait when it has been wrong too often
     */
    public synchronized void attempt(Source source) {
        long now = System.nanoTime();
        Map<String, Limit> limits = limits(source);
        limits.forEach((key, limit) -> {
            Duration wait = limit.beforeOne(clear(key, now), now);
            if (!wait.isNegative() && !wait.isZero()) {
                throw new Problem(429, words, wait.plusSeconds(1));
            }
        });
        limits.forEach((key, limit) -> clearAt.put(key, limit.afterOne(clear(key, now))));
    }

    /** Takes an attempt back: the code was right. */
    public synchronized void forgive(Source source) {
        limits(source)
                .forEach((key, limit) -> clearAt.computeIfPresent(
                        key, (k, clear) -> clear - limit.refill().toNanos()));
    }

    private long clear(String key, long now) {
        return Math.max(now, clearAt.getOrDefault(key, now));
    }

    private Map<String, Limit> limits(Source source) {
        Map<String, Limit> limits = new HashMap<>();
        limits.put(EVERYBODY, all);
        if (source.proxy() != null) {
            limits.put("proxy " + source.proxy(), ofMany());
        }
        String address = source.address();
        if (address != null && address.indexOf(':') >= 0) {
            limits.put(network(address, HOUSE), each);
            limits.put(network(address, SITE), ofMany());
        } else if (address != null) {
            limits.put(address, each);
        }
        return limits;
    }

    private Limit ofMany() {
        return new Limit(each.burst() * TIMES_OF_MANY, each.refill().dividedBy(TIMES_OF_MANY));
    }

    private static String network(String address, int bytes) {
        try {
            byte[] all = InetAddress.getByName(address).getAddress();
            return Arrays.toString(Arrays.copyOf(all, bytes));
        } catch (UnknownHostException e) {
            return address;
        }
    }
}
