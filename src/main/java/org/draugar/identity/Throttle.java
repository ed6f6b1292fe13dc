package org.draugar.identity;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.draugar.http.Problem;

/**
 * Slows down who guesses codes: each client address may be wrong twenty times at once, then once every six seconds.
 *
 * <p>Only wrong guesses count, and only against the address that they came from (an IPv6 /64 is one address: whoever
 * has one address of it has them all). So nobody can lock a family out from elsewhere, and signed-in devices, whose
 * tokens are too long to guess, never pass here. Thread-safe.
 */
@Singleton
public class Throttle {
    static final int BURST = 20;
    private static final long REFILL_NANOS = Duration.ofSeconds(6).toNanos();
    /** Addresses remembered; a guesser with more of them than this gains a fresh start for each, and no memory. */
    private static final int MOST_ADDRESSES = 10_000;

    /** For each address the time at which its debt of wrong guesses is worked off, in {@link System#nanoTime()}. */
    private final Map<String, Long> clearAt = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /**
     * Books one attempt of this address before its code is looked up, so that a thousand at once count as a thousand.
     *
     * @throws Problem 429 with the time to wait when it has been wrong too often
     */
    public synchronized void attempt(String address) {
        String key = network(address);
        long now = System.nanoTime();
        long clear = Math.max(now, clearAt.getOrDefault(key, now));
        long wait = clear + REFILL_NANOS - (now + BURST * REFILL_NANOS);
        if (wait > 0) {
            throw new Problem(
                    429,
                    "Too many wrong codes from your network: wait a little",
                    Duration.ofNanos(wait).plusSeconds(1));
        }
        clearAt.put(key, clear + REFILL_NANOS);
    }

    /** Takes an attempt back: the code was right. */
    public synchronized void forgive(String address) {
        clearAt.computeIfPresent(network(address), (key, clear) -> clear - REFILL_NANOS);
    }

    private static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return bytes.length == 16 ? Arrays.toString(Arrays.copyOf(bytes, 8)) : address;
        } catch (UnknownHostException e) {
            return address;
        }
    }
}
