package org.draugar.notifications;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A way to a member with the page closed.
 *
 * @param address a push endpoint, a URL or an e-mail address
 * @param publicKey of a browser or an app, or null
 * @param auth its secret, or null
 * @param token for ntfy, or null
 * @param confirmed whether its owner has shown that it is theirs; only e-mail is not from the start
 * @param sentAt when it last took something, or null
 * @param trouble why it takes nothing now, for people, or null
 */
record Channel(
        long id,
        Kind kind,
        String address,
        byte[] publicKey,
        byte[] auth,
        String token,
        boolean confirmed,
        Instant createdAt,
        Instant sentAt,
        String trouble) {

    /** As what it is sent. */
    enum Kind {
        WEBPUSH,
        NTFY,
        WEBHOOK,
        EMAIL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Optional<Kind> of(String word) {
            return Arrays.stream(values())
                    .filter(kind -> kind.word().equals(word))
                    .findFirst();
        }
    }

    /** The columns of the table, of which {@link #of} reads one row. */
    static final String COLUMNS = "c.id as channel, c.kind as channel_kind, c.address, c.public_key, c.auth, c.token,"
            + " c.code_hash, c.created_at, c.sent_at, c.trouble";

    static Channel of(ResultSet row) throws SQLException {
        return new Channel(
                row.getLong("channel"),
                Kind.of(row.getString("channel_kind")).orElseThrow(),
                row.getString("address"),
                row.getBytes("public_key"),
                row.getBytes("auth"),
                row.getString("token"),
                row.getBytes("code_hash") == null,
                instant(row, "created_at"),
                instant(row, "sent_at"),
                row.getString("trouble"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** Without what leads to its owner. */
    @Override
    public String toString() {
        return kind.word() + " " + id;
    }
}
