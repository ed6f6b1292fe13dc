package org.draugar.family;

import java.time.Instant;

/**
 * A member of a family.
 *
 * @param shownInApps whether they show up inside the tracker apps of the others, such as OwnTracks
 */
public record Member(MemberId id, String name, Role role, Instant joinedAt, boolean shownInApps) {}
