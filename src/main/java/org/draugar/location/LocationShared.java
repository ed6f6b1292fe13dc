package org.draugar.location;

import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;

/**
 * A member's device has reported where it is; the family was told, and it is stored. Fired on the node that took the
 * report, in a thread that others wait for: observers must be quick.
 *
 * @param sender who reported it, on which device
 * @param report what was reported
 */
public record LocationShared(Caller sender, Report report) implements FamilyEvent {
    @Override
    public FamilyId family() {
        return sender.family();
    }
}
