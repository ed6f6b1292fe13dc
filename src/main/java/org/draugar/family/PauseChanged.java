package org.draugar.family;

import java.util.Optional;

/**
 * A member has paused, now pauses for another time, or shares again.
 *
 * @param pause empty when it is over
 */
public record PauseChanged(FamilyId family, MemberId member, Optional<Pause> pause) implements FamilyEvent {}
