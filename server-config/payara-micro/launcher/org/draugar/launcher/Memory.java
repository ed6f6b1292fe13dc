package org.draugar.launcher;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How the server's Java uses memory: as much as makes it fast, or as little as a family needs on a small machine. */
final class Memory {
    /** Up to here a machine is small: with less than this, a quarter of it is less than a busy server wants. */
    private static final long SMALL_MB = 2048;

    /** Enough for a thousand connections; more would only be filled before it is cleaned up. */
    private static final long MAX_HEAP_MB = 512;

    /** Enough for a family of ten. */
    private static final long SMALL_HEAP_MB = 128;

    private Memory() {}

    /** What this machine has, or what this process may have of it. */
    private static long machineMegabytes() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getTotalMemorySize()
                >> 20;
    }

    /** Whether to take little: as the person who runs the server says, or as the machine is. */
    static boolean isSmall() {
        String value = Server.setting("DRAUGAR_MEMORY").orElse("");
        return value.isEmpty() ? machineMegabytes() <= SMALL_MB : value.equalsIgnoreCase("small");
    }

    /** What is wrong with the setting, if something is. */
    static Optional<String> trouble() {
        return Server.setting("DRAUGAR_MEMORY")
                .filter(value -> !value.matches("(?i)small|large"))
                .map(value -> "DRAUGAR_MEMORY: expected small or large, but found \"" + value + "\"");
    }

    /** For people. */
    static String said() {
        return isSmall()
                ? "Memory: small; DRAUGAR_MEMORY=large takes more"
                : "Memory: large; DRAUGAR_MEMORY=small takes less";
    }

    /**
     * The collector, which a class archive is made for, unless a person has chosen one.
     *
     * @param others the options that a person has given to Java
     */
    static List<String> collector(List<String> others) {
        boolean chosen = others.stream().anyMatch(option -> option.matches("-XX:\\+Use\\w+GC"));
        return isSmall() && !chosen ? List.of("-XX:+UseSerialGC") : List.of();
    }

    static List<String> options() {
        List<String> options = new ArrayList<>(isSmall() ? small() : large());
        // So much it has after the start; from less, it would grow by one full collection after the other.
        options.add("-XX:MetaspaceSize=128m");
        return options;
    }

    private static List<String> small() {
        return List.of(
                "-Xmx" + SMALL_HEAP_MB + "m",
                // It begins with little, and what was needed only for a while goes back.
                "-Xms32m",
                "-XX:MinHeapFreeRatio=10",
                "-XX:MaxHeapFreeRatio=30",
                // The quick compiler alone: half the code, and none of the memory that the optimising one takes.
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=40m");
    }

    private static List<String> large() {
        return List.of(
                // A quarter of the memory, as Java takes by itself, but not of a large one.
                "-Xmx" + Math.min(MAX_HEAP_MB, machineMegabytes() / 4) + "m",
                // Rather more heap, up to the most, than more than 2 of 100 for collecting it. Java alone allows for 8:
                // on a small machine, where it begins with little, it would mark without end.
                "-XX:GCTimeRatio=49",
                // This application is never taken out, so its classes stay: to look through them stops everybody for
                // 20 ms.
                "-XX:-ClassUnloadingWithConcurrentMark",
                // Else what the store writes at once counts as huge, and the collector goes through the whole heap each
                // time.
                "-XX:G1HeapRegionSize=2m");
    }
}
