package org.draugar.benchmark;

import java.util.List;
import java.util.Locale;

/** What came out of several rounds. */
record Figure(List<Double> values) {

    double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The median, and between which values it lies: {@code 1.62 (1.55–1.70)}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.2f (%.2f–%.2f)",
                median(),
                values.stream().min(Double::compare).orElseThrow(),
                values.stream().max(Double::compare).orElseThrow());
    }
}
