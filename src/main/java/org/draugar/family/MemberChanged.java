package org.draugar.family;

/**
 * A member has another name, role or setting than before.
 *
 * @param by who changed it
 */
public record MemberChanged(FamilyId family, Member before, Member after, MemberId by) implements FamilyEvent {}
