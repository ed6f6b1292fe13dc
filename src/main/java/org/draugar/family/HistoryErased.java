package org.draugar.family;

/** A member has deleted positions of theirs. */
public record HistoryErased(FamilyId family, MemberId member) implements FamilyEvent {}
