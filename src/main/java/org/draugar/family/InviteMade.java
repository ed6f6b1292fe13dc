package org.draugar.family;

/** An admin has made an invitation. */
public record InviteMade(FamilyId family, InviteId invite, MemberId by) implements FamilyEvent {}
