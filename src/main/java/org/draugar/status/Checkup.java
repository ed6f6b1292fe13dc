package org.draugar.status;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.draugar.identity.ClientAddress;
import org.draugar.location.PositionStore;
import org.draugar.settings.Settings;

/** What this server lacks: each check says how things are, and what to do where they are not well. */
@Singleton
class Checkup {
    /** How far the clocks of a server and a browser may be apart, with the way between them. */
    private static final Duration CLOCK = Duration.ofMinutes(1);

    /** Two years of a family of five, or a copy for a backup. */
    private static final long FREE_BYTES = 1L << 30;

    /** Of the heap, after it was cleaned up. */
    private static final double FULL = 0.85;

    private final Settings settings;
    private final ClientAddress clientAddress;
    private final Health health;
    private final PositionStore positions;

    @Inject
    Checkup(Settings settings, ClientAddress clientAddress, Health health, PositionStore positions) {
        this.settings = settings;
        this.clientAddress = clientAddress;
        this.health = health;
        this.positions = positions;
    }

    /** Whether somebody has to do something. */
    enum State {
        OK,
        WARNING,
        /** Nothing tells. */
        UNKNOWN
    }

    /**
     * How one thing is.
     *
     * @param check its name in the contract
     * @param message for people, in English: how it is, and what to do about it
     */
    record Check(String check, State state, String message) {}

    /**
     * All checks, by the request that asks for them.
     *
     * @param now the time where that comes from; null when it is not known
     */
    List<Check> of(HttpServletRequest request, Instant now) {
        return List.of(
                tls(request),
                proxy(request),
                forwarding(request),
                clock(now, Instant.now()),
                disk(free(settings.data())),
                memory(used()),
                store(positions.waiting()),
                health());
    }

    private Check tls(HttpServletRequest request) {
        boolean url = settings.url().filter(own -> own.startsWith("https:")).isPresent();
        if (clientAddress.isSecure(request)) {
            return new Check("tls", State.OK, "You came by https");
        }
        if (clientAddress.isForThisMachine(request)) {
            return url
                    ? new Check("tls", State.OK, "DRAUGAR_URL begins with https")
                    : new Check(
                            "tls",
                            State.UNKNOWN,
                            "You came from the server's own machine, and DRAUGAR_URL does not say where others come");
        }
        return new Check(
                "tls",
                State.WARNING,
                "You came by http: everybody on the way can read along, and phones do not tell a page where they are."
                        + " Put a proxy with TLS in front, which sends X-Forwarded-Proto");
    }

    private Check proxy(HttpServletRequest request) {
        // This one counts too.
        clientAddress.of(request);
        return clientAddress.missesProxy()
                ? new Check(
                        "proxy",
                        State.WARNING,
                        "Requests have come through a proxy that DRAUGAR_PROXIES does not name: name its address there,"
                                + " so that wrong codes count for those who enter them")
                : new Check("proxy", State.OK, "No proxy has come by that DRAUGAR_PROXIES does not name");
    }

    private Check forwarding(HttpServletRequest request) {
        return clientAddress.isOnThisMachine(request) && !clientAddress.isForThisMachine(request)
                ? new Check(
                        "forwarding",
                        State.WARNING,
                        "Your proxy does not say where requests come from, so strangers look like programs on the"
                                + " server's machine: let it send X-Forwarded-For")
                : new Check("forwarding", State.OK, "The server knows where you come from");
    }

    static Check clock(Instant theirs, Instant ours) {
        if (theirs == null) {
            return new Check("clock", State.UNKNOWN, "Say your own time, as ?now=2026-11-29T08:00:00Z");
        }
        return Duration.between(theirs, ours).abs().compareTo(CLOCK) > 0
                ? new Check(
                        "clock",
                        State.WARNING,
                        "The server's clock and yours are more than a minute apart: set the wrong one by NTP, or"
                                + " positions are refused as not yet measured")
                : new Check("clock", State.OK, "The server's clock and yours agree");
    }

    /** @param free bytes where the data is kept */
    static Check disk(long free) {
        return free < FREE_BYTES
                ? new Check(
                        "disk",
                        State.WARNING,
                        "Less than 1 GB of disk is free where the data is: make room, or keep less by DRAUGAR_HISTORY")
                : new Check("disk", State.OK, "There is room on the disk");
    }

    /** @param used how much of the heap */
    static Check memory(double used) {
        return used > FULL
                ? new Check(
                        "memory",
                        State.WARNING,
                        "Nearly all of the memory that Java may take is in use: let it have more, such as -Xmx1g")
                : new Check("memory", State.OK, "There is memory to spare");
    }

    private Check health() {
        return health.trouble()
                .map(trouble -> new Check("health", State.WARNING, trouble))
                .orElseGet(() -> new Check("health", State.OK, "All parts of the server work"));
    }

    /** @param waiting how many positions wait for the store */
    static Check store(int waiting) {
        return waiting > PositionStore.MAX_WAITING / 2
                ? new Check(
                        "store",
                        State.WARNING,
                        "Positions come faster than the store takes them: the disk or the database is too slow")
                : new Check("store", State.OK, "The store keeps up");
    }

    /** Of the folder's disk, or that of the nearest folder there is: with PostgreSQL, none is needed. */
    private static long free(Path folder) {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            return Files.getFileStore(there).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was left after the last collections: right before one, a heap is always full. */
    private static double used() {
        long left = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .filter(Objects::nonNull)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
        return (double) left / Runtime.getRuntime().maxMemory();
    }
}
