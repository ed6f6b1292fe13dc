package org.draugar.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What the server that Arquillian started logs from now on. */
public final class ServerLog {
    private static final Pattern EXCEPTION = Pattern.compile("^\\s+at |\\b\\w+(Exception|Error)\\b");

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

    /** The lines that speak of exceptions. */
    public List<String> exceptions() {
        return text().substring(start)
                .lines()
                .filter(line -> EXCEPTION.matcher(line).find())
                .toList();
    }

    private String text() {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
