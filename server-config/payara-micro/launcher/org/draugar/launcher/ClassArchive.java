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
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Java's archive of the classes that a start loads: read and checked already, they are mapped into memory. At the first
 * start the server's Java writes down which they are; when Draugar is ready, it has another Java make the archive of them,
 * with the lowest priority. It is of use only to the Java and the jar that it was made with, and the same collector.
 *
 * @see <a href="https://openjdk.org/jeps/310">JEP 310</a>
 */
final class ClassArchive {
    /** Tells the server's Java where the list is that it writes. */
    private static final String MAKING = "draugar.classes";

    private static final String FOLDER = "making-";
    private static final String LOADED = "loaded";
    private static final String WANTED = "wanted";

    /** With these of a person's options there is no use for an archive, or Java refuses to start with one. */
    private static final Pattern UNFIT =
            Pattern.compile("-(-|javaagent|agent|Xshare|XX:(AOT|Shared|Archive|DumpLoaded|[+-](Use|AutoCreate))).*");

    /** Held for as long as this process lives: there is one that makes it. */
    private static FileLock alone;

    private static volatile Process maker;
    private static volatile boolean ended;

    private ClassArchive() {}

    /**
     * What the server's Java is to be told, so that it uses the archive or says what belongs into it.
     *
     * @param memory the options that say how it uses memory
     * @param others the options that a person has given to Java
     */
    static List<String> options(Unpacked unpacked, List<String> memory, List<String> others) {
        if (!unpacked.kept()
                || others.stream().anyMatch(option -> UNFIT.matcher(option).matches())) {
            return List.of();
        }
        String java = System.getProperty("java.vm.vendor") + System.getProperty("java.vm.version") + memory;
        Path archive = unpacked.folder().resolve("classes-" + Integer.toHexString(java.hashCode()) + ".jsa");
        if (Files.exists(archive)) {
            return List.of("-XX:SharedArchiveFile=" + archive);
        }
        try {
            Path folder = Files.createTempDirectory(unpacked.folder(), FOLDER);
            Files.writeString(folder.resolve("archive"), archive.toString());
            Files.write(folder.resolve("options"), memory);
            return List.of("-XX:DumpLoadedClassList=" + folder.resolve(LOADED), "-D" + MAKING + "=" + folder);
        } catch (IOException e) {
            // There is no room for it, or no right to.
            return List.of();
        }
    }

    /** In the server, once it is ready and has loaded the classes of a start: makes the archive, if it is wanted. */
    static void make(Path jar) {
        String making = System.getProperty(MAKING);
        if (making == null) {
            return;
        }
        Path folder = Path.of(making);
        if (!Server.atExit(() -> end(folder))) {
            Unpacked.delete(folder);
            return;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        if (isAlone(folder)) {
                            make(jar, folder);
                        }
                    } catch (IOException e) {
                        // The next start takes as long as this one, then.
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Unpacked.delete(folder);
                },
                "class-archive");
        thread.setDaemon(true);
        thread.start();
    }

    private static void make(Path jar, Path folder) throws IOException, InterruptedException {
        Path archive = Path.of(Files.readString(folder.resolve("archive")));
        if (Files.exists(archive)) {
            return;
        }
        Path wanted = folder.resolve(WANTED);
        try (Stream<String> classes = Files.lines(folder.resolve(LOADED), StandardCharsets.UTF_8)) {
            // Those with a source are the application's, which Payara unpacks elsewhere at each start.
            Files.write(wanted, (Iterable<String>) classes.filter(line -> !line.contains("source:"))::iterator);
        }
        Path made = folder.resolve("made");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Files.readAllLines(folder.resolve("options")));
        command.addAll(List.of("-Xshare:dump", "-Xmx256m", "-Xlog:disable"));
        if (Runtime.version().feature() >= 24) {
            command.add("-XX:+AOTClassLinking");
        }
        command.add("-XX:SharedClassListFile=" + wanted);
        command.add("-XX:SharedArchiveFile=" + made);
        command.addAll(List.of("-cp", jar.toString()));
        maker = start(command);
        if (!ended && maker.waitFor() == 0) {
            Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Whether no other server does the same; deletes what one that was killed over it has left. */
    private static boolean isAlone(Path folder) throws IOException {
        alone = FileChannel.open(
                        folder.resolveSibling("making.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                .tryLock();
        if (alone == null) {
            return false;
        }
        try (Stream<Path> others = Files.list(folder.getParent())) {
            for (Path other : others.filter(file -> isLeft(file, folder)).toList()) {
                Unpacked.delete(other);
            }
        }
        return true;
    }

    /** Whoever starts at this moment writes to theirs; it is not yet old. */
    private static boolean isLeft(Path file, Path own) {
        try {
            return file.getFileName().toString().startsWith(FOLDER)
                    && !file.equals(own)
                    && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(own)) < 0;
        } catch (IOException e) {
            return false;
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

    /** When the server ends: deletes what was only needed to make it. */
    private static void end(Path folder) {
        ended = true;
        Process making = maker;
        if (making != null) {
            making.destroyForcibly().onExit().join();
        }
        Unpacked.delete(folder);
    }
}
