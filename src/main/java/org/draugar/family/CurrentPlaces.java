package org.draugar.family;

import java.util.Map;

/** Knows where members are, by name: implemented where places are known. */
public interface CurrentPlaces {

    /** Who of a family is at a place right now. */
    Map<MemberId, CurrentPlace> of(FamilyId family);
}
