package org.draugar.places;

import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A family has a new place, or one is otherwise than before.
 *
 * @param by who did it
 */
public record PlaceChanged(FamilyId family, MemberId by, Place place) implements FamilyEvent {}
