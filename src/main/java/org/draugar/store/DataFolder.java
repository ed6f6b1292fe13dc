package org.draugar.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of the embedded store, for its owner's eyes only: it holds where people have been, and the key that hands
 * out all of it. Where the file system knows of no owners, nothing is done.
 */
final class DataFolder {
    private static final Logger LOG = System.getLogger(DataFolder.class.getName());

    private static final String DATABASE = "draugar";
    private static final String BACKUP = ".unfinished-backup-";

    /** What Draugar and its database make. */
    private static final Pattern OURS =
            Pattern.compile("draugar\\.[A-Za-z.]+|(?:operator|code)\\.key|" + Pattern.quote(BACKUP) + "[0-9]+\\.zip");

    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    private final Path folder;

    DataFolder(Path folder) {
        this.folder = folder;
    }

    /** Makes the folder where it is missing. One that holds somebody else's files too stays open for them. */
    void prepare() throws IOException {
        boolean alone = true;
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                alone = files.allMatch(DataFolder::isOurs);
            }
        } else {
            Files.createDirectories(folder);
        }
        if (alone) {
            restrict(folder, FOLDER);
        }
        try {
            // The database would make it with whatever rights are usual here.
            Files.createFile(folder.resolve(DATABASE + ".mv.db"));
        } catch (FileAlreadyExistsException e) {
            LOG.log(Level.DEBUG, "There is a store already");
        }
        restrictFiles();
    }

    /** As the database writes them anew. */
    void restrictFiles() {
        for (Path file : ours()) {
            restrict(file, FILE);
        }
    }

    /** Where the database is told to put its files. */
    String database() {
        return folder.resolve(DATABASE).toString();
    }

    /** A new file for a backup. */
    Path backup() throws IOException {
        Path copy = Files.createTempFile(folder, BACKUP, ".zip");
        restrict(copy, FILE);
        return copy;
    }

    /** Deletes what a server has left that was killed while somebody took a backup. Nobody else may be using the store. */
    void deleteUnfinishedBackups() throws IOException {
        for (Path file : ours()) {
            if (file.getFileName().toString().startsWith(BACKUP)) {
                Files.delete(file);
            }
        }
    }

    private List<Path> ours() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(DataFolder::isOurs).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOurs(Path file) {
        return OURS.matcher(file.getFileName().toString()).matches()
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private static void restrict(Path path, Set<PosixFilePermission> permissions) {
        try {
            Files.setPosixFilePermissions(path, permissions);
        } catch (UnsupportedOperationException | IOException e) {
            LOG.log(Level.DEBUG, "It stays as it is", e);
        }
    }
}
