package org.draugar.homeassistant;

import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/** A member has set or removed their webhook. */
public record WebhookChanged(FamilyId family, MemberId member) implements FamilyEvent {}
