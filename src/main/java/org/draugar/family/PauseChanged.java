package org.draugar.family;

import java.util.Optional;

/**
 * A member has paused, has given the pause another end, or has ended it.
 *
 * @param pause empty when the member has ended it
 */
public record PauseChanged(FamilyId family, MemberId member, Optional<Pause> pause) implements FamilyEvent {}
