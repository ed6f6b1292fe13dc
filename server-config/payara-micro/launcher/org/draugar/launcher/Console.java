package org.draugar.launcher;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * The process's output. Nobody who logs waits for it: where nobody reads it, as at a terminal that is paused or a pipe
 * that is full, {@value #MOST_WAITING} records wait here, and then lines are left out and counted. Thread-safe.
 */
final class Console {
    private static final int MOST_WAITING = 4096;
    /** Some have a page of trace. */
    private static final int MOST_CHARS = 1 << 23;
    /** At the end of the process, as long altogether. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final PrintStream OUT = System.out;
    private static final PrintStream ERR = System.err;

    private static final Queue<Text> WAITING = new ArrayDeque<>();
    private static int size;
    private static long leftOut;
    private static boolean printing;
    private static long patience = PATIENCE_NANOS;

    private Console() {}

    private record Text(PrintStream to, String text) {}

    static {
        Thread printer = new Thread(Console::printAll, "console");
        printer.setDaemon(true);
        printer.start();
    }

    /** From now on this is also where goes what anybody else prints. */
    static void takeOver() {
        System.setOut(new PrintStream(new Lines(OUT), true));
        System.setErr(new PrintStream(new Lines(ERR), true));
        // In one piece: line by line, another thread's record may come between.
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> print(ConsoleLog.uncaught(thread, thrown)));
    }

    static void print(String lines) {
        print(OUT, lines);
    }

    static void println(String line) {
        print(line + System.lineSeparator());
    }

    static void printError(String line) {
        print(ERR, line + System.lineSeparator());
    }

    private static void print(PrintStream to, String lines) {
        synchronized (WAITING) {
            // Whoever begins to read again gets many in a row then, not one here and one there.
            int share = leftOut == 0 ? 1 : 2;
            if (WAITING.size() >= MOST_WAITING / share || size >= MOST_CHARS / share) {
                leftOut += lines.lines().count();
                return;
            }
            if (leftOut > 0) {
                add(OUT, sayLeftOut());
            }
            add(to, lines);
            WAITING.notifyAll();
        }
    }

    private static void add(PrintStream to, String lines) {
        WAITING.add(new Text(to, lines));
        size += lines.length();
    }

    private static String sayLeftOut() {
        String line = LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " WARNING " + leftOut
                + " lines were left out here, because nobody read them" + System.lineSeparator();
        leftOut = 0;
        return line;
    }

    /** Waits until all of it has been read, but not long: for the end of the process. */
    static void finish() {
        synchronized (WAITING) {
            long start = System.nanoTime();
            try {
                while ((printing || !WAITING.isEmpty()) && patience > 0) {
                    WAITING.wait(1 + TimeUnit.NANOSECONDS.toMillis(patience));
                    long now = System.nanoTime();
                    patience -= now - start;
                    start = now;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void printAll() {
        try {
            while (true) {
                Text next = next();
                next.to().print(next.text());
                next.to().flush();
            }
        } catch (InterruptedException e) {
            // Nobody does that.
        }
    }

    private static Text next() throws InterruptedException {
        synchronized (WAITING) {
            printing = false;
            WAITING.notifyAll();
            while (WAITING.isEmpty() && leftOut == 0) {
                WAITING.wait();
            }
            printing = true;
            if (WAITING.isEmpty()) {
                return new Text(OUT, sayLeftOut());
            }
            Text next = WAITING.remove();
            size -= next.text().length();
            return next;
        }
    }

    /** Hands on what is printed line by line. */
    private static final class Lines extends ByteArrayOutputStream {
        private final PrintStream to;

        Lines(PrintStream to) {
            this.to = to;
        }

        @Override
        public synchronized void flush() {
            if (size() > 0) {
                print(to, toString(Charset.defaultCharset()));
                reset();
            }
        }
    }
}
