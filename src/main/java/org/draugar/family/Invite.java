package org.draugar.family;

import java.time.Instant;

/**
 * An invitation that somebody may still join with. Its code is known to nobody but those whom it was shown to.
 *
 * @param madeBy the admin who made it
 * @param madeAt when, or null where that was not kept yet
 */
public record Invite(InviteId id, MemberId madeBy, Instant madeAt, Instant expiresAt) {}
