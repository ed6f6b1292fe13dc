package org.draugar.places;

import java.util.Optional;
import org.draugar.family.CurrentPlace;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A member is at another place than before, or since another time.
 *
 * @param place empty for none
 */
public record WhereaboutsChanged(FamilyId family, MemberId member, Optional<CurrentPlace> place)
        implements FamilyEvent {}
