package org.draugar.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where this server hands its e-mail to (RFC 6409).
 *
 * @param tls whether from the first byte on (RFC 8314); otherwise by STARTTLS
 * @param user for whom it is, or empty where nobody asks
 * @param from the address that it comes from
 */
public record Smtp(boolean tls, String host, int port, String user, String password, String from) {
    static final String EXPECTED =
            "a mail server such as smtps://user:password@mail.example?from=draugar@example.org, or smtp:// for STARTTLS";

    private static final Pattern FROM = Pattern.compile("from=([^@&=\\s]+@[^@&=\\s]+)");

    static Optional<Smtp> parse(String text) {
        try {
            URI uri = new URI(text);
            Matcher from = FROM.matcher(uri.getRawQuery() == null ? "" : uri.getRawQuery());
            String scheme = uri.getScheme() == null ? "" : uri.getScheme();
            boolean plain = ("".equals(uri.getRawPath()) || "/".equals(uri.getRawPath())) && uri.getHost() != null;
            if (!scheme.matches("smtps?") || !plain || !from.matches()) {
                return Optional.empty();
            }
            boolean tls = scheme.equals("smtps");
            String[] who = (uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo()).split(":", 2);
            return Optional.of(new Smtp(
                    tls,
                    uri.getHost(),
                    uri.getPort() != -1 ? uri.getPort() : tls ? 465 : 587,
                    decoded(who[0]),
                    who.length > 1 ? decoded(who[1]) : "",
                    decoded(from.group(1))));
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Percent-encoded (RFC 3986, 2.1), where a plus is one. */
    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return (tls ? "smtps://" : "smtp://") + host + ":" + port;
    }
}
