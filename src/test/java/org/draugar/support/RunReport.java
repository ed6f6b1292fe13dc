package org.draugar.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says what a run has come to: each class as it ends, and at the end what was left out on this machine and why, and which
 * tests ran short. The build prints the end once more as its last words.
 */
public final class RunReport implements TestExecutionListener {
    private final Map<TestIdentifier, Long> started = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> leftOut = new ConcurrentHashMap<>();
    private final AtomicInteger ended = new AtomicInteger();
    private int classes;

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        classes = (int) plan.getRoots().stream()
                .flatMap(root -> plan.getChildren(root).stream())
                .count();
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        started.put(test, System.nanoTime());
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        leaveOut(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            leaveOut(test, result.getThrowable().map(Throwable::getMessage).orElse("it says not why"));
        } else if (result.getStatus() == TestExecutionResult.Status.FAILED) {
            System.out.printf("    FAILED: %s %s%n", className(test), test.getDisplayName());
        }
        if (isClass(test)) {
            System.out.printf(
                    Locale.ROOT,
                    "[%2d/%d] %s, %.1f s%n",
                    ended.incrementAndGet(),
                    classes,
                    className(test),
                    (System.nanoTime() - started.get(test)) / 1e9);
        }
    }

    /** Of the engine, and not a class within one or a class's turn with one parameter. */
    private static boolean isClass(TestIdentifier test) {
        return test.getUniqueIdObject().getSegments().size() == 2;
    }

    private void leaveOut(TestIdentifier test, String reason) {
        leftOut.computeIfAbsent(
                        className(test) + ": " + reason.replaceFirst("^Assumption failed: ", ""),
                        r -> new AtomicInteger())
                .incrementAndGet();
    }

    private static String className(TestIdentifier test) {
        String name = test.getSource()
                .map(source -> source instanceof MethodSource method
                        ? method.getClassName()
                        : source instanceof ClassSource type ? type.getClassName() : "")
                .orElse("");
        return name.substring(name.lastIndexOf('.') + 1);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        List<String> lines = new ArrayList<>();
        if (!leftOut.isEmpty()) {
            lines.add("Left out:");
            new TreeMap<>(leftOut)
                    .forEach((reason, times) ->
                            lines.add("  " + reason + (times.get() > 1 ? " (" + times + " times)" : "")));
        }
        if (!Extent.ranShort().isEmpty()) {
            lines.add("Ran short; mvn verify -Pthorough runs them whole:");
            Extent.ranShort().forEach(line -> lines.add("  " + line));
        }
        lines.forEach(System.out::println);
        try {
            Files.write(Path.of(System.getProperty("draugar.report", "target/report.txt")), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
