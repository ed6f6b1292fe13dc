package org.draugar.presence;

import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/** A member's first connection to this node has come, or the last one has gone: for the other nodes to know. */
public record PresenceHere(FamilyId family, MemberId member, boolean online) implements FamilyEvent {}
