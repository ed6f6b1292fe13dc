package org.draugar.support;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * How long the long tests are: some in {@code mvn verify}, all in {@code mvn verify -Pthorough}. What ran short is said
 * at the end of the run, and each random test says its seed: {@code -Ddraugar.seed} gives the same again.
 */
public final class Extent {
    private static final boolean THOROUGH = Boolean.getBoolean("draugar.thorough");
    private static final List<String> SHORT = new CopyOnWriteArrayList<>();

    private Extent() {}

    /**
     * Says how many a test shall take.
     *
     * @param what the test and what it counts, such as {@code CutsIT: cuts}
     * @param some enough to see whether it works, in seconds
     * @param all as many as the promise says
     */
    public static int of(String what, int some, int all) {
        if (THOROUGH) {
            return all;
        }
        SHORT.add(String.format(Locale.ROOT, "%s: %,d of %,d", what, some, all));
        return some;
    }

    /** Chance that can be had again. @param test by which its seed is announced */
    public static Random random(String test) {
        return new Random(seed(test));
    }

    /** The seed of {@link #random}. */
    public static long seed(String test) {
        long seed = Long.getLong("draugar.seed", new Random().nextLong());
        System.out.printf("%s: -Ddraugar.seed=%d%n", test, seed);
        return seed;
    }

    static List<String> ranShort() {
        return SHORT.stream().distinct().sorted().toList();
    }
}
