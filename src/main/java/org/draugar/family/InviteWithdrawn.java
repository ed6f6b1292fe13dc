package org.draugar.family;

/** An admin has withdrawn an invitation. */
public record InviteWithdrawn(FamilyId family, InviteId invite, MemberId by) implements FamilyEvent {}
