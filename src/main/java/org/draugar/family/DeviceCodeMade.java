package org.draugar.family;

/**
 * A code was made that signs one more device of a member in.
 *
 * @param by the member themselves, or an admin
 */
public record DeviceCodeMade(FamilyId family, MemberId member, MemberId by) implements FamilyEvent {}
