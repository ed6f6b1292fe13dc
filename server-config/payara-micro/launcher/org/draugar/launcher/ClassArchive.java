package org.draugar.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Java's archive of the classes that a start loads: read and checked already, they are mapped into memory. At the first
 * start the server's Java writes down which they are; when Draugar is ready, the launcher has a third Java make the archive
 * of them, with the lowest priority. It is of use only to the Java and the jar that it was made with.
 *
 * @see <a href="https://openjdk.org/jeps/310">JEP 310</a>
 */
final class ClassArchive {
    /** Tells the server's Java where to write. */
    private static final String MAKING = "draugar.classes";

    private static final String LOADED = "loaded";
    private static final String WANTED = "wanted";

    /** With these of a person's options there is no use for an archive, or Java refuses to start with one. */
    private static final Pattern UNFIT =
            Pattern.compile("-(-|javaagent|agent|Xshare|XX:(AOT|Shared|Archive|DumpLoaded|[+-](Use|AutoCreate))).*");

    private final Path jar;
    private final Path archive;

    /** A folder for what is needed to make it, or null if it is there, or nobody would use it. */
    private Path making;

    private final boolean fits;

    /** Held for as long as this process lives: there is one that makes it. */
    private FileLock alone;

    private volatile Process maker;

    /** @param others the options that a person has given to Java */
    ClassArchive(Unpacked unpacked, List<String> others) {
        String java = System.getProperty("java.vm.vendor") + System.getProperty("java.vm.version");
        jar = unpacked.jar();
        archive = unpacked.folder().resolve("classes-" + Integer.toHexString(java.hashCode()) + ".jsa");
        fits = unpacked.kept()
                && others.stream().noneMatch(option -> UNFIT.matcher(option).matches());
        if (fits && !Files.exists(archive)) {
            try {
                alone = FileChannel.open(
                                unpacked.folder().resolve("making.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE)
                        .tryLock();
                if (alone != null) {
                    Path folder = unpacked.folder().resolve("making");
                    // Somebody may have been killed over it.
                    Unpacked.delete(folder);
                    making = Files.createDirectory(folder);
                }
            } catch (IOException e) {
                // There is no room for it, or no right to.
            }
        }
    }

    /** What the server's Java is to be told, so that it uses the archive or says what belongs into it. */
    List<String> options() {
        if (making != null) {
            return List.of("-XX:DumpLoadedClassList=" + making.resolve(LOADED), "-D" + MAKING + "=" + making);
        }
        return fits && Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
    }

    /** In the server, once it is ready: says that the classes of a start have been loaded. */
    static void wanted() {
        String making = System.getProperty(MAKING);
        if (making == null) {
            return;
        }
        Path loaded = Path.of(making, LOADED);
        Path unfinished = Path.of(making, "unfinished");
        try (Stream<String> classes = Files.lines(loaded, StandardCharsets.UTF_8)) {
            // Those with a source are the application's, which Payara unpacks elsewhere at each start.
            Files.write(unfinished, (Iterable<String>) classes.filter(line -> !line.contains("source:"))::iterator);
            Files.move(unfinished, Path.of(making, WANTED), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // The next start takes as long as this one, then.
        }
    }

    /** In the launcher: makes the archive when the server is ready, unless there is one. */
    void make(Process server) throws InterruptedException {
        if (making == null) {
            return;
        }
        while (!Files.exists(making.resolve(WANTED))) {
            if (server.waitFor(1, TimeUnit.SECONDS)) {
                return;
            }
        }
        Path made = making.resolve("made");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:dump", "-Xmx256m", "-Xlog:disable"));
        if (Runtime.version().feature() >= 24) {
            command.add("-XX:+AOTClassLinking");
        }
        command.add("-XX:SharedClassListFile=" + making.resolve(WANTED));
        command.add("-XX:SharedArchiveFile=" + made);
        command.addAll(List.of("-cp", jar.toString()));
        try {
            maker = start(command);
            server.onExit().thenRun(maker::destroyForcibly);
            if (maker.waitFor() == 0) {
                Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            // Likewise.
        }
    }

    private static Process start(List<String> command) throws IOException {
        List<String> patient = new ArrayList<>(List.of("nice", "-n", "19"));
        patient.addAll(command);
        try {
            return quiet(patient).start();
        } catch (IOException e) {
            // Not everybody has it.
            return quiet(command).start();
        }
    }

    private static ProcessBuilder quiet(List<String> command) {
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
    }

    /** When the server has ended: deletes what was only needed to make it. */
    void end() {
        if (making != null) {
            if (maker != null) {
                maker.destroyForcibly().onExit().join();
            }
            Unpacked.delete(making);
        }
    }
}
