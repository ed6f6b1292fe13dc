package org.draugar.trackers;

import org.draugar.family.DeviceId;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/** The owner of a tracker has set it otherwise than before. */
public record TrackerSettingsChanged(FamilyId family, MemberId member, DeviceId device) implements FamilyEvent {}
