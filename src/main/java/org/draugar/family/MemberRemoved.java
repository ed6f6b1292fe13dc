package org.draugar.family;

/**
 * A member is no longer in the family: their devices are signed out and their positions are gone.
 *
 * @param by who has removed them; they themselves when they left
 */
public record MemberRemoved(FamilyId family, MemberId member, MemberId by) implements FamilyEvent {}
