package org.draugar.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the person who runs this server has decided, read once at start.
 *
 * <p>Each setting is an environment variable ({@code DRAUGAR_PORT}) and also a system property in lower case with
 * dots ({@code draugar.port}); the system property wins, because it is the more deliberate of the two.
 *
 * @param port the TCP port that people reach the server at, used in the link that is printed at the first start
 * @param url where people and apps reach the server, such as {@code https://family.example/draugar}, with no slash at its
 *     end; empty where each request tells
 * @param data folder of the embedded store
 * @param databaseUrl JDBC URL of a PostgreSQL, or empty for the embedded store
 * @param databaseUser user for {@code databaseUrl}, possibly empty
 * @param databasePassword password for {@code databaseUrl}, possibly empty
 * @param cluster the engine by which the servers of this database are one, or empty for a server that is alone
 * @param setupCode the code that starts the first family, or empty for one that is found from the code key
 * @param codeKey what codes are hashed with, or empty for a key in {@code data}
 * @param openSignup whether anybody may start a family
 * @param origins browser origins besides the server's own that may connect
 * @param proxies addresses of reverse proxies whose {@code X-Forwarded-For} is believed
 * @param history how long positions are kept; zero keeps only the last one of each member
 * @param deviceTerm after how long without use a device is signed out; zero for never
 * @param webhooks origins that members may have their positions sent to
 * @param notifyOrigins origins besides the Internet's that members may be notified through
 * @param smtp how e-mail is sent, or empty where none is
 * @param streetMap the map with streets, or empty for none
 * @param socketIo how Socket.IO connections are kept
 * @param positionsPerSecond how many positions a second one member's devices may send for long
 */
public record Settings(
        int port,
        Optional<String> url,
        Path data,
        Optional<String> databaseUrl,
        String databaseUser,
        String databasePassword,
        Optional<EngineAddress> cluster,
        Optional<String> setupCode,
        Optional<String> codeKey,
        boolean openSignup,
        Set<String> origins,
        Set<String> proxies,
        Duration history,
        Duration deviceTerm,
        Set<String> webhooks,
        Set<String> notifyOrigins,
        Optional<Smtp> smtp,
        Optional<StreetMap> streetMap,
        SocketIo socketIo,
        int positionsPerSecond) {

    /**
     * How Socket.IO connections are kept.
     *
     * @param pingInterval how long after a sign of life the peer is asked for the next one
     * @param pingTimeout how long it has to answer
     * @param connectTimeout how long a new connection has to say who it is
     */
    public record SocketIo(Duration pingInterval, Duration pingTimeout, Duration connectTimeout) {}

    /** What {@link #term(String)} reads. */
    public static final String A_TERM = "off or a time such as 12h, 30d, 8w or 2y";

    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([hdwy])");

    /** An origin, and a path as it stands in addresses (RFC 3986, 3.3). */
    private static final Pattern URL =
            Pattern.compile("(https?://[^/?#]+)((?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*)", Pattern.CASE_INSENSITIVE);

    private static final int LEAST_KEY = 32;

    /** Reads the environment and the system properties of this process. */
    public static Settings fromEnvironment() {
        return from(variable -> {
            String property =
                    System.getProperty(variable.toLowerCase(Locale.ROOT).replace('_', '.'));
            return property != null ? property : System.getenv(variable);
        });
    }

    /**
     * Reads settings from any source.
     *
     * @param source value of an environment variable by name, or null
     * @throws UnusableSetting when a value cannot be used; its message is one line for people
     */
    public static Settings from(UnaryOperator<String> source) {
        UnaryOperator<String> values = variable -> {
            String value = source.apply(variable);
            return value == null ? "" : value.strip();
        };
        return new Settings(
                port(values.apply("DRAUGAR_PORT")),
                url(values.apply("DRAUGAR_URL")),
                folder(values.apply("DRAUGAR_DATA")),
                databaseUrl(values.apply("DRAUGAR_DATABASE_URL")),
                values.apply("DRAUGAR_DATABASE_USER"),
                values.apply("DRAUGAR_DATABASE_PASSWORD"),
                cluster(values),
                setupCode(values.apply("DRAUGAR_SETUP_CODE")),
                codeKey(values.apply("DRAUGAR_CODE_KEY")),
                signup(values.apply("DRAUGAR_SIGNUP")),
                origins("DRAUGAR_ORIGINS", values),
                words(values.apply("DRAUGAR_PROXIES").isEmpty() ? "127.0.0.1,::1" : values.apply("DRAUGAR_PROXIES")),
                term("DRAUGAR_HISTORY", values, Duration.ofDays(30)),
                term("DRAUGAR_DEVICE_TERM", values, Duration.ofDays(90)),
                origins("DRAUGAR_WEBHOOKS", values),
                origins("DRAUGAR_NOTIFY_ORIGINS", values),
                smtp(values.apply("DRAUGAR_SMTP")),
                StreetMap.from(values.apply("DRAUGAR_MAP"), values.apply("DRAUGAR_MAP_ATTRIBUTION")),
                new SocketIo(
                        millis("DRAUGAR_SOCKETIO_PING_INTERVAL", values, 25_000),
                        millis("DRAUGAR_SOCKETIO_PING_TIMEOUT", values, 20_000),
                        millis("DRAUGAR_SOCKETIO_CONNECT_TIMEOUT", values, 45_000)),
                positionsPerSecond(values.apply("DRAUGAR_POSITIONS_PER_SECOND")));
    }

    private static int positionsPerSecond(String value) {
        if (value.isEmpty()) {
            return 20;
        }
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw new UnusableSetting("DRAUGAR_POSITIONS_PER_SECOND", "a number from 1 to 999999", value);
        }
        return Integer.parseInt(value);
    }

    private static Duration millis(String variable, UnaryOperator<String> values, long otherwise) {
        String value = values.apply(variable);
        if (value.isEmpty()) {
            return Duration.ofMillis(otherwise);
        }
        if (!value.matches("[0-9]{3,7}")) {
            throw new UnusableSetting(variable, "milliseconds from 100 to 9999999", value);
        }
        return Duration.ofMillis(Long.parseLong(value));
    }

    private static int port(String value) {
        if (value.isEmpty()) {
            return 3001;
        }
        if (value.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(value);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw new UnusableSetting("DRAUGAR_PORT", "a port from 1 to 65535", value);
    }

    private static Optional<String> url(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Matcher matcher = URL.matcher(value);
        Optional<String> origin =
                matcher.matches() ? Origin.parse(matcher.group(1)).map(Origin::toString) : Optional.empty();
        if (origin.isEmpty()) {
            throw new UnusableSetting(
                    "DRAUGAR_URL", "an address such as https://family.example or https://example/family", value);
        }
        return origin.map(found -> found + matcher.group(2).replaceFirst("/+$", ""));
    }

    private static Path folder(String value) {
        try {
            return Path.of(value.isEmpty() ? "data" : value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new UnusableSetting("DRAUGAR_DATA", "the path of a folder", value);
        }
    }

    private static Optional<String> databaseUrl(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!value.startsWith("jdbc:postgresql:")) {
            // The value is not repeated: people put passwords into such URLs.
            throw new UnusableSetting("DRAUGAR_DATABASE_URL", "a URL that starts with jdbc:postgresql:", null);
        }
        return Optional.of(value);
    }

    private static Optional<Smtp> smtp(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        // The value is not repeated: it may hold a password.
        return Optional.of(
                Smtp.parse(value).orElseThrow(() -> new UnusableSetting("DRAUGAR_SMTP", Smtp.EXPECTED, null)));
    }

    private static Optional<EngineAddress> cluster(UnaryOperator<String> values) {
        String value = values.apply("DRAUGAR_CLUSTER");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        // The value is not repeated: it may hold a password.
        EngineAddress address = EngineAddress.parse(value)
                .orElseThrow(() -> new UnusableSetting("DRAUGAR_CLUSTER", EngineAddress.EXPECTED, null));
        if (values.apply("DRAUGAR_DATABASE_URL").isEmpty()) {
            throw new UnusableSetting(
                    "DRAUGAR_CLUSTER", "DRAUGAR_DATABASE_URL too: the servers of a cluster share a PostgreSQL", null);
        }
        if (values.apply("DRAUGAR_CODE_KEY").isEmpty()) {
            throw new UnusableSetting(
                    "DRAUGAR_CLUSTER",
                    "DRAUGAR_CODE_KEY too, the same on all servers: a code that one makes is used at another",
                    null);
        }
        return Optional.of(address);
    }

    private static Optional<String> setupCode(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String code = value.replaceAll("\\s", "").toUpperCase(Locale.ROOT);
        if (!code.matches("[A-HJ-NP-Z2-9]{8,64}")) {
            throw new UnusableSetting("DRAUGAR_SETUP_CODE", "8 or more of ABCDEFGHJKLMNPQRSTUVWXYZ23456789", null);
        }
        return Optional.of(code);
    }

    private static Optional<String> codeKey(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.length() < LEAST_KEY) {
            throw new UnusableSetting("DRAUGAR_CODE_KEY", LEAST_KEY + " or more random characters", null);
        }
        return Optional.of(value);
    }

    private static boolean signup(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "", "closed" -> false;
            case "open" -> true;
            default -> throw new UnusableSetting("DRAUGAR_SIGNUP", "open or closed", value);
        };
    }

    private static Set<String> origins(String variable, UnaryOperator<String> values) {
        return words(values.apply(variable)).stream()
                .map(word -> origin(variable, word))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String origin(String variable, String word) {
        return Origin.parse(word)
                .map(Origin::toString)
                .orElseThrow(() -> new UnusableSetting(
                        variable, "origins such as https://family.example, separated by commas", word));
    }

    private static Set<String> words(String value) {
        return Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Duration term(String variable, UnaryOperator<String> values, Duration otherwise) {
        String value = values.apply(variable);
        return value.isEmpty()
                ? otherwise
                : term(value).orElseThrow(() -> new UnusableSetting(variable, A_TERM, value));
    }

    /** How long something is kept, from words such as {@value #A_TERM}; {@code off} is zero. */
    public static Optional<Duration> term(String value) {
        if (value.equalsIgnoreCase("off")) {
            return Optional.of(Duration.ZERO);
        }
        Matcher matcher = DURATION.matcher(value.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "h" -> Duration.ofHours(count);
                    case "d" -> Duration.ofDays(count);
                    case "w" -> Duration.ofDays(7 * count);
                    default -> Duration.ofDays(365 * count);
                });
    }

    /** The words for a term, as {@link #term(String)} reads them. */
    public static String words(Duration term) {
        if (term.isZero()) {
            return "off";
        }
        return term.toHours() % 24 == 0 ? term.toDays() + "d" : term.toHours() + "h";
    }
}
