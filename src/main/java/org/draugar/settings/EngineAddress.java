package org.draugar.settings;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the engine of a cluster is: a Redis or a Valkey.
 *
 * @param servers of a single one itself, else some to ask where it is
 * @param master by which name the sentinels know it; else empty
 * @param user empty for the usual one
 * @param password empty for none
 * @param database its number
 * @param encrypted whether TLS is spoken
 */
public record EngineAddress(
        Kind kind, List<Server> servers, String master, String user, String password, int database, boolean encrypted) {

    /** What is at the servers of the address. */
    public enum Kind {
        /** The engine. */
        SINGLE,
        /** Sentinels, which know which server is the engine right now. */
        SENTINEL,
        /** Some of a Redis Cluster, one of which is the engine: they know which. */
        CLUSTER
    }

    /** A server. */
    public record Server(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    static final String EXPECTED = "redis://host:port, or rediss:// for TLS; redis-sentinel://host:port,host:port/name;"
            + " redis-cluster://host:port,host:port;"
            + " with :password@ before the first host where one is needed";

    private static final Pattern ADDRESS = Pattern.compile(
            "redis(s?)(-sentinel|-cluster)?://(?:([^:@/]*):([^@/]+)@)?([^@/]+?)(?:/([^/]*))?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern SERVER = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");

    private static final int PORT = 6379;
    private static final int SENTINEL_PORT = 26379;

    /** Empty when it is none. */
    static Optional<EngineAddress> parse(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Kind kind = matcher.group(2) == null
                ? Kind.SINGLE
                : Kind.valueOf(matcher.group(2).substring(1).toUpperCase(Locale.ROOT));
        String end = matcher.group(6) == null ? "" : matcher.group(6);
        try {
            List<Server> servers = Arrays.stream(matcher.group(5).split(",", -1))
                    .map(word -> server(word, kind == Kind.SENTINEL ? SENTINEL_PORT : PORT))
                    .toList();
            boolean isUsable =
                    switch (kind) {
                        case SINGLE -> servers.size() == 1 && end.matches("[0-9]{0,4}");
                        case SENTINEL -> !end.isEmpty();
                        case CLUSTER -> end.isEmpty();
                    };
            return isUsable
                    ? Optional.of(new EngineAddress(
                            kind,
                            servers,
                            kind == Kind.SENTINEL ? end : "",
                            decode(matcher.group(3)),
                            decode(matcher.group(4)),
                            kind == Kind.SINGLE && !end.isEmpty() ? Integer.parseInt(end) : 0,
                            !matcher.group(1).isEmpty()))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Server server(String word, int otherwise) {
        Matcher matcher = SERVER.matcher(word.strip());
        int port = matcher.matches() && matcher.group(2) != null ? Integer.parseInt(matcher.group(2)) : otherwise;
        if (!matcher.matches() || port < 1 || port > 65535) {
            throw new IllegalArgumentException(word);
        }
        return new Server(matcher.group(1).replaceAll("[\\[\\]]", ""), port);
    }

    /** Passwords may have any character, as %40 for @. */
    private static String decode(String text) {
        return text == null ? "" : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return kind + " " + servers;
    }
}
