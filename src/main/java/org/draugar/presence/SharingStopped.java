package org.draugar.presence;

import java.time.Instant;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/** A device of a member tells no more where it is: what it told before {@code at} is the past from now on. */
public record SharingStopped(FamilyId family, MemberId member, Instant at) implements FamilyEvent {}
