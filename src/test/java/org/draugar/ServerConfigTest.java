package org.draugar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                    debian/draugar.conf               | #DRAUGAR_PORT=3001
                    reverse-proxy/nginx.conf          | 127.0.0.1:3001
                    wildfly/configure.cli             | ${env.DRAUGAR_PORT:3001}
                    payara-server/configure.asadmin   | draugar.port=3001
                    """)
    void everyServerListensAtTheSamePort(String file, String port) throws IOException {
        assertThat(Files.readString(CONFIG.resolve(file))).contains(port);
    }

    /** A setting that somebody adds is explained to those who install the package, and to those who read the table. */
    @Test
    void everySettingIsExplained() throws IOException {
        Set<String> settings = new TreeSet<>();
        for (String folder : List.of("src/main/java", "server-config/payara-micro/launcher")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    settings.addAll(found("\"(DRAUGAR_[A-Z_]+)\"", file));
                }
            }
        }
        assertThat(settings).hasSizeGreaterThan(20);
        assertThat(found("(?m)^#(DRAUGAR_[A-Z_]+)=", CONFIG.resolve("debian/draugar.conf")))
                .isEqualTo(settings);
        assertThat(found("(?m)^\\| `(DRAUGAR_[A-Z_]+)`", Path.of("docs/operations.md")))
                .as("those that have a line of their own in the table")
                .isSubsetOf(settings)
                .hasSizeGreaterThan(20);
        assertThat(found("`(DRAUGAR_[A-Z_]+)", Path.of("docs/operations.md"))).isEqualTo(settings);
    }

    private static Set<String> found(String pattern, Path file) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void systemdUnderstandsTheUnit(@TempDir Path folder) throws Exception {
        assumeInstalled("systemd-analyze");
        // It wants to see the program that the unit starts, which is not installed here.
        Path unit = folder.resolve("draugar.service");
        Files.writeString(
                unit,
                Files.readString(CONFIG.resolve("systemd/draugar.service"))
                        .replaceFirst("(?m)^ExecStart=/usr/share/draugar/draugar$", "ExecStart=/bin/true"));
        assertThat(run("systemd-analyze", "verify", "--man=no", unit.toString()))
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
