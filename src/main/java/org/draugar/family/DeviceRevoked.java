package org.draugar.family;

/** A device's token no longer counts. */
public record DeviceRevoked(FamilyId family, MemberId member, DeviceId device) implements FamilyEvent {}
