package org.draugar.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.draugar.support.Node;

/** The load generator, {@code load.c}: it says there what it does. */
final class Load {
    private final Node folder;

    private Load(Node folder) {
        this.folder = folder;
    }

    /** Compiles it. In C because a second JVM would take from the server what it needs to show. */
    static Load compile(Node folder) {
        Node.Ran compiler = folder.run("cc", "-O2", "-Wall", "-Wextra", "-o", "load", "load.c");
        if (compiler.status() != 0) {
            throw new IllegalStateException("The load generator could not be compiled: " + compiler.output());
        }
        return new Load(folder);
    }

    /**
     * Puts load on a server.
     *
     * @param work in the words of {@code load.c}, such as {@code flight=8}
     * @return what was measured, by its name there
     */
    Map<String, Double> run(Contender contender, String... work) {
        Process load = start(contender, work);
        Map<String, Double> measured = figures(load);
        if (measured.isEmpty()) {
            throw new IllegalStateException("The load on " + contender.name() + " broke off");
        }
        return measured;
    }

    /** Starts connections that are {@linkplain #release held} and do nothing. */
    Process hold(Contender contender, String... work) throws IOException {
        List<String> all = new ArrayList<>(Arrays.asList(work));
        all.add("hold=1");
        Process load = start(contender, all.toArray(String[]::new));
        if (!"READY".equals(load.inputReader().readLine())) {
            throw new IllegalStateException("The connections to " + contender.name() + " did not come about");
        }
        return load;
    }

    /** Lets go of held connections. */
    Map<String, Double> release(Process load) throws IOException {
        load.getOutputStream().close();
        return figures(load);
    }

    private Process start(Contender contender, String... work) {
        List<String> command = new ArrayList<>();
        command.add("./load");
        command.addAll(contender.address());
        command.add("pid=" + contender.process().pid());
        command.addAll(Arrays.asList(work));
        return folder.start(command.toArray(String[]::new));
    }

    private static Map<String, Double> figures(Process load) {
        Map<String, Double> figures = new HashMap<>();
        try (BufferedReader output = load.inputReader()) {
            output.lines().flatMap(line -> Arrays.stream(line.split(" "))).forEach(pair -> {
                String[] parts = pair.split("=", 2);
                figures.put(parts[0], Double.valueOf(parts[1]));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return figures;
    }
}
