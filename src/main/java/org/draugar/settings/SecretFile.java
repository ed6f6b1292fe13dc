package org.draugar.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A secret of 256 random bits that the server makes itself and keeps in a file beside the embedded store, which no backup
 * holds. The file is for the server's user alone to read.
 *
 * @param file whose text is the secret in base64url
 */
public record SecretFile(Path file) {
    private static final int BYTES = 32;

    /** Makes the secret, where there is none yet. */
    public void create() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] onlyMine = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            if (Files.exists(file)) {
                if (!read().isEmpty()) {
                    return;
                }
                // A power cut or a full disk has left it so.
                Files.delete(file);
            }
            Files.createDirectories(file.getParent());
            Files.createFile(file, onlyMine);
            Files.writeString(file, secret + "\n", StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The secret. */
    public String read() throws IOException {
        return Files.readString(file).strip();
    }
}
