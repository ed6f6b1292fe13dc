package org.draugar.family;

/**
 * A device's token no longer counts.
 *
 * @param by who has ended it, or null where the server did
 */
public record DeviceRevoked(FamilyId family, MemberId member, DeviceId device, MemberId by) implements FamilyEvent {}
