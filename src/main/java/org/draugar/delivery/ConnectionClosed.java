package org.draugar.delivery;

import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;

/** A connection of a device has ended. */
public record ConnectionClosed(Caller caller) implements FamilyEvent {

    @Override
    public FamilyId family() {
        return caller.family();
    }
}
