package org.draugar.family;

/**
 * A member has deleted positions of theirs.
 *
 * @param stored whether any of them were in the store
 */
public record HistoryErased(FamilyId family, MemberId member, boolean stored) implements FamilyEvent {}
