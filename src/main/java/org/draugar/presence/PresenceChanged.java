package org.draugar.presence;

import java.util.Optional;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * A member has come online or gone offline.
 *
 * @param device the device that brought them online; empty when they went
 */
public record PresenceChanged(FamilyId family, MemberId member, boolean online, Optional<DeviceId> device)
        implements FamilyEvent {}
