package org.draugar.family;

/**
 * Somebody is new in a family.
 *
 * @param invite what they came by, or null
 */
public record MemberJoined(FamilyId family, MemberId member, DeviceId device, InviteId invite) implements FamilyEvent {}
