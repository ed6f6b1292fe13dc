package org.draugar.history;

import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/** A member has taken everything of theirs along. */
public record ExportTaken(FamilyId family, MemberId member) implements FamilyEvent {}
