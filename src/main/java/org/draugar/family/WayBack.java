package org.draugar.family;

import java.time.Instant;

/**
 * What signs a new device of a member in: where all were signed out, there is nobody left to invite.
 *
 * @param code works once
 */
public record WayBack(String family, Member member, Code code, Instant expiresAt) {}
