package org.draugar.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the server that Arquillian started logs from now on. */
public final class ServerLog {
    private static final Pattern FRAME = Pattern.compile("^\\s+at (?:.*/)?(?<method>\\S+)\\(");
    /** Neither the JDK's nor a library's. What is built into a server is the server's. */
    private static final Pattern OURS = Pattern.compile("org\\.draugar\\.(?!payara\\.).*");

    private static final Pattern CONTAINERS = Pattern.compile(
            "(org\\.apache\\.catalina|org\\.glassfish|com\\.sun\\.enterprise|io\\.undertow|org\\.xnio)\\..*");

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
     * The exceptions that Draugar's code threw or let libraries throw, and did not catch: of each its first line, and
     * where in Draugar it was. What a container throws and logs itself is not ours to catch, though we called it, or it
     * us: Tyrus, for one, logs a NegativeArraySizeException for a frame that claims 2^62 bytes, and Payara anything
     * when a peer hangs up.
     */
    public List<String> uncaught() {
        List<String> found = new ArrayList<>();
        String first = "";
        boolean known = false;
        for (String line : text().substring(start).lines().toList()) {
            Matcher frame = FRAME.matcher(line);
            if (!frame.find()) {
                first = line;
                known = false;
            } else if (!known) {
                boolean ours = OURS.matcher(frame.group("method")).matches();
                known = ours || CONTAINERS.matcher(frame.group("method")).matches();
                if (ours) {
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
