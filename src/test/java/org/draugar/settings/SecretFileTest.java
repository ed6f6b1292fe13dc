package org.draugar.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
    @TempDir
    Path folder;

    @Test
    void isMadeOnce() throws IOException {
        SecretFile file = new SecretFile(folder.resolve("data").resolve("some.key"));
        file.create();
        String secret = file.read();
        assertThat(secret).matches("[A-Za-z0-9_-]{43}");
        file.create();
        assertThat(file.read()).isEqualTo(secret);
    }

    /** As a power cut or a full disk leaves it: an empty secret would be everybody's. */
    @Test
    void isMadeAnewWhereItIsEmpty() throws IOException {
        SecretFile file = new SecretFile(Files.writeString(folder.resolve("some.key"), "\n"));
        file.create();
        assertThat(file.read()).matches("[A-Za-z0-9_-]{43}");
    }
}
