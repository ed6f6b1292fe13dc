package org.draugar.family;

/** A member is no longer in the family: their devices are signed out and their positions are gone. */
public record MemberRemoved(FamilyId family, MemberId member) implements FamilyEvent {}
