package org.draugar.family;

import java.time.Instant;

/**
 * A member of a family.
 *
 * @param shownInApps whether they show up inside the tracker apps of the others, such as OwnTracks
 * @param colour theirs on every map, 0 to {@value #COLOURS} - 1: an index into the page's palette
 * @param emoji what stands for them instead of their initials, or null
 */
public record Member(
        MemberId id, String name, Role role, Instant joinedAt, boolean shownInApps, int colour, String emoji) {
    /** How many colours there are. */
    public static final int COLOURS = 10;
}
