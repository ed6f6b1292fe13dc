package org.draugar.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks a running Java about itself. */
public final class Jcmd {
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

    private Jcmd() {}

    /** @param arguments the process and the question, as the JDK's {@code jcmd} takes them */
    public static String ask(String... arguments) {
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
            command.addAll(List.of(arguments));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bytes of the objects that are in use. */
    public static long heapBytes(long pid) {
        Matcher total = TOTAL.matcher(ask(Long.toString(pid), "GC.class_histogram"));
        if (!total.find()) {
            throw new IllegalStateException("jcmd told nothing of the heap");
        }
        return Long.parseLong(total.group(1));
    }
}
