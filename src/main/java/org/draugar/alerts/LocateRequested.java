package org.draugar.alerts;

import org.draugar.family.DeviceId;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;

/**
 * Somebody asks somebody where they are.
 *
 * @param to who is asked
 * @param from who asks
 * @param device on which device
 * @param name the name of who asks
 */
public record LocateRequested(FamilyId family, MemberId to, MemberId from, DeviceId device, String name)
        implements FamilyEvent {}
