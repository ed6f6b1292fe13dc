package org.draugar.operator;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.draugar.settings.Settings;

/** The secret in {@code operator.key} in the data folder: who can read that file runs this server. */
@Singleton
public class OperatorKey {
    private static final int BYTES = 32;

    private final Path file;

    @Inject
    OperatorKey(Settings settings) {
        file = settings.data().resolve("operator.key");
    }

    /** Makes the key, where there is none yet. */
    public void create() {
        if (Files.exists(file)) {
            return;
        }
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        String key = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] onlyMine = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createFile(file, onlyMine);
            Files.writeString(file, key + "\n", StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this is the value of a header {@code Authorization: Bearer <key>}. */
    boolean isIn(String authorization) {
        try {
            byte[] expected = ("Bearer " + Files.readString(file).strip()).getBytes(StandardCharsets.UTF_8);
            return authorization != null
                    && MessageDigest.isEqual(expected, authorization.strip().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return false;
        }
    }
}
