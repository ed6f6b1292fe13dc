package org.draugar.family;

/** A member has one more device or tracker. */
public record DeviceAdded(FamilyId family, MemberId member, DeviceId device) implements FamilyEvent {}
