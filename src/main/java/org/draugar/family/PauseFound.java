package org.draugar.family;

import java.util.Optional;

/**
 * This node has found out by itself how a member's pause is: each node does, so that nobody announces it.
 *
 * @param pause empty when it is over
 */
public record PauseFound(FamilyId family, MemberId member, Optional<Pause> pause) implements FamilyEvent {}
