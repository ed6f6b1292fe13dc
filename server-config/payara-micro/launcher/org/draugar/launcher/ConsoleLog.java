package org.draugar.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Prints a log record as one short line: the time, the level when it is a problem, and the message. */
public final class ConsoleLog extends Handler {
    private static final SimpleFormatter MESSAGES = new SimpleFormatter();

    /** While the server starts: its problems, which one line may say better. Null when they are printed at once. */
    private static List<LogRecord> heldBack;

    static synchronized void holdBackProblems() {
        heldBack = new ArrayList<>();
    }

    static synchronized void problem(Throwable thrown) {
        LogRecord record = new LogRecord(Level.SEVERE, "The server did not start");
        record.setThrown(thrown);
        heldBack.add(record);
    }

    static synchronized void showProblems() {
        List<LogRecord> problems = heldBack;
        heldBack = null;
        problems.forEach(problem -> Console.print(line(problem)));
    }

    /** The message of a setting that stopped the start, found by name: its class belongs to the application. */
    static synchronized Optional<String> unusableSetting() {
        for (LogRecord problem : heldBack) {
            for (Throwable t = problem.getThrown(); t != null; t = t.getCause()) {
                if (t.getClass().getName().equals("org.draugar.settings.UnusableSetting")) {
                    return Optional.of(t.getMessage());
                }
            }
        }
        return Optional.empty();
    }

    /** Whether what failed has to do with the application: with its classes, or what they use. */
    static synchronized boolean isOfDraugar() {
        for (LogRecord problem : heldBack) {
            for (Throwable t = problem.getThrown(); t != null; t = t.getCause()) {
                for (StackTraceElement frame : t.getStackTrace()) {
                    if (frame.getClassName().startsWith("org.draugar.")
                            && !frame.getClassName().startsWith("org.draugar.launcher.")) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /**
     * Prints the trace of what failed first, without the container's own layers around it, and returns its message.
     */
    static synchronized String showRootCause() {
        for (LogRecord problem : heldBack) {
            Throwable cause = problem.getThrown();
            if (cause != null) {
                while (cause.getCause() != null) {
                    cause = cause.getCause();
                }
                Console.print(trace(cause));
                return cause.getMessage() == null ? cause.toString() : cause.getMessage();
            }
        }
        showProblems();
        return "the server says above why";
    }

    /** A record of what ended a thread. */
    static String uncaught(Thread thread, Throwable thrown) {
        LogRecord record = new LogRecord(Level.SEVERE, "The thread " + thread.getName() + " has failed");
        record.setThrown(thrown);
        return line(record);
    }

    @Override
    public void publish(LogRecord record) {
        if (!isWanted(record)) {
            return;
        }
        synchronized (ConsoleLog.class) {
            if (heldBack != null && record.getLevel().intValue() >= Level.WARNING.intValue()) {
                heldBack.add(record);
                return;
            }
        }
        Console.print(line(record));
        flush();
    }

    /**
     * Payara sets levels of its own while it starts, so that those of logging.properties are not enough; and while it
     * stops, it complains of the parts of it that have stopped.
     */
    private static boolean isWanted(LogRecord record) {
        String logger = String.valueOf(record.getLoggerName());
        return logger.startsWith("org.draugar.")
                || (record.getLevel().intValue() >= Level.WARNING.intValue() && !Server.isStopping());
    }

    private static String line(LogRecord record) {
        LocalTime time = LocalTime.ofInstant(record.getInstant(), ZoneId.systemDefault());
        StringBuilder line =
                new StringBuilder().append(time.truncatedTo(ChronoUnit.SECONDS)).append(' ');
        if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            line.append(record.getLevel() == Level.WARNING ? "WARNING " : "ERROR ");
        }
        line.append(MESSAGES.formatMessage(record)).append(System.lineSeparator());
        if (record.getThrown() != null) {
            line.append(trace(record.getThrown()));
        }
        return line.toString();
    }

    private static String trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace, true));
        return trace.toString();
    }

    @Override
    public void flush() {
        // The process may end at any moment then. Otherwise nobody waits.
        if (Server.isStopping()) {
            Console.finish();
        }
    }

    @Override
    public void close() {
        // Standard output belongs to the process; what is logged while it stops is still wanted.
        flush();
    }
}
