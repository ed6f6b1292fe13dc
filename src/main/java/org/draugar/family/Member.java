package org.draugar.family;

import java.time.Instant;

/** A member of a family. */
public record Member(MemberId id, String name, Role role, Instant joinedAt) {}
