package org.draugar.history;

import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.draugar.http.Problem;
import org.draugar.location.Kept;

/** Where a page ended. */
record Place(Instant at, long offset) {
    private static final Pattern PLACE = Pattern.compile("([0-9]{1,15})-([0-9]{1,18})");

    static Place parse(String text) {
        Matcher matcher = PLACE.matcher(text);
        if (!matcher.matches()) {
            throw new Problem(400, "after: take the next page's path from \"next\"");
        }
        return new Place(Instant.ofEpochMilli(Long.parseLong(matcher.group(1))), Long.parseLong(matcher.group(2)));
    }

    boolean isBefore(Kept kept, boolean newestFirst) {
        int time = kept.report().measuredAt().compareTo(at);
        int order = time != 0 ? time : Long.compare(kept.offset(), offset);
        return newestFirst ? order < 0 : order > 0;
    }
}
