package org.draugar.family;

/** The server has forgotten the group key that it had made for a family. */
public record GroupKeyForgotten(FamilyId family) implements FamilyEvent {}
