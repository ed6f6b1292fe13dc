package org.draugar.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server prints, line by line. A healthy server's log is quiet: a warning, an error or a stack trace that no test
 * has announced is a fault, whatever else the test saw. Thread-safe.
 */
public final class ServerLog {
    /** Stack traces are long; their first lines tell where they come from. */
    private static final int MAX_LINES_SHOWN = 12;

    /** How each server begins a record, and which records tell of trouble. What does not begin one belongs to the last. */
    enum Format {
        /** The jar says {@code 08:15:00 message}, with the level before the message only where it is a problem. */
        DRAUGAR(
                "(\\d\\d:\\d\\d:\\d\\d |Draugar is |Picked up JAVA_TOOL_OPTIONS|Exception in thread ).*",
                "[\\d:]+ (WARNING|ERROR) .*",
                "(?!)"),
        /**
         * WildFly says {@code 08:15:00,123 LEVEL [category] (thread) message}. At every start it warns of its own key
         * store and transactions, and of Jackson, which Flyway brings; at its end, of timers that it has suspended; and
         * Undertow trips over itself where a peer hangs up while it writes.
         */
        WILDFLY(
                "\\d\\d:\\d\\d:\\d\\d,\\d{3} .*",
                "[\\d:,]+ (WARN|ERROR|FATAL) .*",
                ".*(WFLYTX0013|WFLYELY00023|WFLYELY01084|WFLYRS0018|WFLYEE0111"
                        + "|XNIO000011: Task io.undertow.servlet.spec.ServletOutputStreamImpl).*"),
        /**
         * Payara Server says {@code [time] [Payara …] [LEVEL] [code] [logger] […] [[}, and the message in the next lines.
         * It warns of much of its own.
         */
        PAYARA("\\[\\d{4}-\\d\\d-\\d\\dT.*", ".*\\[(WARNING|SEVERE)] .*\\[org\\.draugar\\..*", "(?!)"),
        /** Another server than the ones that Draugar is meant for: nothing is wrong, whatever it says. */
        STOCK(".*", "(?!)", ".*");

        private final Predicate<String> begins;
        private final Predicate<String> tellsOfTrouble;
        private final Predicate<String> known;

        /**
         * @param begins the first line of a record
         * @param tellsOfTrouble that of one that a healthy server does not write
         * @param known that of one that this server writes however healthy it is
         */
        Format(String begins, String tellsOfTrouble, String known) {
            this.begins = Pattern.compile(begins).asMatchPredicate();
            this.tellsOfTrouble = Pattern.compile(tellsOfTrouble).asMatchPredicate();
            this.known = Pattern.compile(known).asMatchPredicate();
        }
    }

    /** WildFly's console is colourful. */
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

    private static final String EXCEPTION = ".*Exception:.*";
    private static final Duration FRAMES_WITHIN = Duration.ofSeconds(2);

    private static final Pattern FRAME = Pattern.compile("^\\s+at (?:.*/)?(?<method>\\S+)\\(");
    /** Neither the JDK's nor a library's. What is built into a server is the server's. */
    private static final Pattern OURS = Pattern.compile("org\\.draugar\\.(?!payara\\.).*");

    private static final Pattern CONTAINERS = Pattern.compile(
            "(org\\.apache\\.catalina|org\\.glassfish|com\\.sun\\.enterprise|io\\.undertow|org\\.xnio)\\..*");

    private final Format format;
    private final List<String> lines = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();
    private final List<String> unexpected = new ArrayList<>();

    /** Guarded by this, as all that follow: the lines before it were waited for. */
    private int waitedFor;

    /** The record that is being read. */
    private final List<String> current = new ArrayList<>();

    private boolean ended;

    ServerLog(Format format) {
        this.format = format;
    }

    synchronized void add(String printed) {
        String line = COLOUR.matcher(printed).replaceAll("");
        lines.add(line);
        if (format.begins.test(line)) {
            judge();
        }
        current.add(line);
        notifyAll();
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** A record with a stack trace is one whose continuation looks like one; blank lines and banners are not. */
    private void judge() {
        boolean trouble = current.stream()
                .anyMatch(line -> format.tellsOfTrouble.test(line) || line.matches("\\s+at \\S+\\(.*\\)|" + EXCEPTION));
        if (trouble && !format.known.test(current.get(0)) && !isOfContainer(current)) {
            unexpected.add(String.join("\n", current.subList(0, Math.min(MAX_LINES_SHOWN, current.size()))));
        }
        current.clear();
    }

    /**
     * Whether a container's code threw it, and not Draugar's or a library that Draugar called. What a container throws and
     * logs itself is not ours to catch, though we called it, or it us: Tyrus, for one, logs a NegativeArraySizeException
     * for a frame that claims 2^62 bytes, and Payara anything when a peer hangs up.
     */
    private static boolean isOfContainer(List<String> record) {
        return record.stream()
                .map(FRAME::matcher)
                .filter(Matcher::find)
                .map(frame -> frame.group("method"))
                .filter(method -> OURS.matcher(method).matches()
                        || CONTAINERS.matcher(method).matches())
                .findFirst()
                .filter(method -> CONTAINERS.matcher(method).matches())
                .isPresent();
    }

    /** Announces trouble that a test makes: records with this text in them are as they should be. */
    public synchronized void expect(String text) {
        expected.add(text);
    }

    /** What tells of trouble that no test has announced, and was not asked for before. */
    public synchronized List<String> unexpected() {
        awaitFrames();
        judge();
        List<String> found = unexpected.stream()
                .filter(record -> expected.stream().noneMatch(record::contains))
                .toList();
        unexpected.clear();
        return found;
    }

    /** Who threw something is known by the lines after the one that tells of it. */
    private void awaitFrames() {
        long deadline = System.nanoTime() + FRAMES_WITHIN.toNanos();
        while (!ended
                && current.stream().anyMatch(line -> line.matches(EXCEPTION))
                && current.stream().noneMatch(FRAME.asPredicate())) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return;
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Waits for a line; gives it. Lines before it count as seen. */
    synchronized String await(String part, Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        while (true) {
            while (waitedFor < lines.size()) {
                String line = lines.get(waitedFor++);
                if (line.contains(part)) {
                    return line;
                }
            }
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (ended || millis <= 0) {
                throw new AssertionError("Waited in vain for a line with \"" + part + "\" in " + lines);
            }
            try {
                wait(millis);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The lines up to the last one that was waited for. */
    synchronized List<String> seen() {
        return List.copyOf(lines.subList(0, waitedFor));
    }

    /** Everything, whether it was waited for or not. */
    synchronized List<String> all() {
        waitedFor = lines.size();
        return List.copyOf(lines);
    }
}
