package org.draugar.location;

import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.http.Problem;

/**
 * Where a page of a member's positions ends: the time and the place in the stream of its last one, which together are
 * nobody else's. As text, {@code 1795420800000-123}.
 */
public record PageCursor(Instant at, long offset) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,15})-([0-9]{1,18})");

    /** The cursor behind a position. */
    public static PageCursor of(StoredReport last) {
        return new PageCursor(last.report().measuredAt(), last.offset());
    }

    /** @throws Problem 400 when it is none */
    public static PageCursor parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new Problem(400, "after: take the next page's path from \"next\"");
        }
        return new PageCursor(Instant.ofEpochMilli(Long.parseLong(matcher.group(1))), Long.parseLong(matcher.group(2)));
    }

    @Override
    public String toString() {
        return at.toEpochMilli() + "-" + offset;
    }
}
