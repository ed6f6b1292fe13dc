package org.draugar.places;

import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A family has one place less, and the visits at it are gone.
 *
 * @param by who did it
 */
public record PlaceRemoved(FamilyId family, MemberId by, Place place) implements FamilyEvent {}
