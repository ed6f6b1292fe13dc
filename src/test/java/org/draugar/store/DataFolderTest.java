package org.draugar.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.draugar.settings.Settings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Where people have been is for the eyes of the server's owner only. */
@Execution(ExecutionMode.CONCURRENT)
class DataFolderTest {
    @TempDir
    Path folder;

    private Path data;

    @BeforeEach
    void onlyWhereFilesHaveOwners() {
        assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "This file system knows of no owners");
        data = folder.resolve("data");
    }

    @Test
    void itsFolderAndFilesAreItsOwnersAlone() throws IOException {
        Store store = open();
        try {
            assertThat(rights(data)).isEqualTo("rwx------");
            assertThat(rights(data.resolve("draugar.mv.db"))).isEqualTo("rw-------");
            Path backup = store.backup();
            assertThat(rights(backup)).isEqualTo("rw-------");
            Files.delete(backup);
            assertThat(store.compact()).isTrue();
            assertThat(rights(data.resolve("draugar.mv.db"))).as("written anew").isEqualTo("rw-------");
        } finally {
            store.close();
        }
    }

    @Test
    void whatAnEarlierVersionLeftOpenIsClosed() throws IOException {
        open().close();
        Files.createFile(data.resolve("operator.key"));
        Files.createFile(data.resolve("code.key"));
        for (String name : List.of("", "operator.key", "code.key", "draugar.mv.db")) {
            Path path = data.resolve(name);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        open().close();
        assertThat(rights(data)).isEqualTo("rwx------");
        assertThat(rights(data.resolve("operator.key"))).isEqualTo("rw-------");
        assertThat(rights(data.resolve("code.key"))).isEqualTo("rw-------");
        assertThat(rights(data.resolve("draugar.mv.db"))).isEqualTo("rw-------");
    }

    @Test
    void aFolderWithSomebodyElsesFilesStaysOpenForThem() throws IOException {
        Files.createDirectory(data);
        Path letter = Files.createFile(data.resolve("letter"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(letter, PosixFilePermissions.fromString("rw-r--r--"));
        open().close();
        assertThat(rights(data)).isEqualTo("rwxr-xr-x");
        assertThat(rights(letter)).isEqualTo("rw-r--r--");
        assertThat(rights(data.resolve("draugar.mv.db"))).isEqualTo("rw-------");
    }

    @Test
    void whatAKilledServerLeftOfABackupIsDeletedAndNothingElse() throws IOException {
        Files.createDirectory(data);
        Path unfinished = Files.createFile(data.resolve(".unfinished-backup-123.zip"));
        Path folderOfThatName = Files.createDirectory(data.resolve(".unfinished-backup-of-mine"));
        Files.createFile(folderOfThatName.resolve("picture"));
        open().close();
        assertThat(unfinished).doesNotExist();
        assertThat(folderOfThatName.resolve("picture")).exists();
    }

    private Store open() {
        return new Store(Settings.from(Map.of("DRAUGAR_DATA", data.toString())::get));
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
