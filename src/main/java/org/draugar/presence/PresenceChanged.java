package org.draugar.presence;

import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/** A member has come online or gone offline. */
public record PresenceChanged(FamilyId family, MemberId member, boolean online) implements FamilyEvent {}
