package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code server-config/} gives people works as it lies there. */
class ServerConfigTest {
    private static final Path CONFIG = Path.of("server-config");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    systemd/draugar.service           | DRAUGAR_PORT=3001
                    reverse-proxy/nginx.conf          | 127.0.0.1:3001
                    wildfly/configure.cli             | ${env.DRAUGAR_PORT:3001}
                    payara-server/configure.asadmin   | draugar.port=3001
                    """)
    void everyServerListensAtTheSamePort(String file, String port) throws IOException {
        assertThat(Files.readString(CONFIG.resolve(file))).contains(port);
    }

    @Test
    void systemdUnderstandsTheUnit() throws Exception {
        assumeInstalled("systemd-analyze");
        // It wants to see the program that the unit starts, and Java may be elsewhere on this machine.
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/java")), "Skipped: there is no /usr/bin/java here");
        assertThat(run(
                        "systemd-analyze",
                        "verify",
                        "--man=no",
                        CONFIG.resolve("systemd/draugar.service").toString()))
                .isEmpty();
    }

    private static void assumeInstalled(String program) {
        boolean found = Arrays.stream((System.getenv("PATH") + ":/usr/sbin:/sbin").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(found, "Skipped: " + program + " is not installed");
    }

    /** Runs a program to its end and returns what it printed. */
    private static String run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }
}
