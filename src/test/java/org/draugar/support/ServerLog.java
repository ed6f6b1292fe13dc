package org.draugar.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What the server that Arquillian started logs from now on. */
public final class ServerLog {
    private static final Pattern FRAME = Pattern.compile("^\\s+at ");
    private static final Pattern OURS = Pattern.compile("^\\s+at (.*/)?org\\.draugar\\.");

    private final Path file;
    private final int start;

    private ServerLog(Path file) {
        this.file = file;
        this.start = text().length();
    }

    public static ServerLog fromNow() {
        Path server = Path.of(System.getProperty("it.server"));
        return new ServerLog(
                switch (System.getProperty("draugar.container")) {
                    case "wildfly" -> server.resolve("standalone/log/server.log");
                    case "payara-server" -> server.resolve("glassfish/domains/domain1/logs/server.log");
                    default -> Path.of(System.getProperty("it.build"), "payara-micro.log");
                });
    }

    /**
     * The exceptions that Draugar did not catch: of each its first line, and where in Draugar it was. What a container
     * says of its own code, above or below a filter of ours, is not ours to catch: Tyrus, for one, logs a
     * NegativeArraySizeException for a frame that claims 2^62 bytes, and Payara that a peer has hung up.
     */
    public List<String> uncaught() {
        List<String> found = new ArrayList<>();
        String first = "";
        boolean seen = false;
        for (String line : text().substring(start).lines().toList()) {
            if (!FRAME.matcher(line).find()) {
                first = line;
                seen = false;
            } else if (!seen && OURS.matcher(line).find()) {
                seen = true;
                if (!line.contains(".doFilter(")) {
                    found.add(first + line);
                }
            }
        }
        return found;
    }

    private String text() {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
