package org.draugar.places;

import java.time.Instant;
import java.util.Optional;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A time that a member was at a place.
 *
 * @param id a random positive number; it stays while later positions make its times exacter
 * @param arrivedAt as measured
 * @param leftAt as measured, or empty while they are there
 */
public record Visit(
        long id, FamilyId family, MemberId member, Place place, Instant arrivedAt, Optional<Instant> leftAt) {}
