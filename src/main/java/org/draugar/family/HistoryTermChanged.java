package org.draugar.family;

/** A family keeps its positions for another time than before. */
public record HistoryTermChanged(FamilyId family) implements FamilyEvent {}
