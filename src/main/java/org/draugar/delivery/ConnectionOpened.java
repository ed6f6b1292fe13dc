package org.draugar.delivery;

import org.draugar.family.Caller;
import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;

/** A device has connected, through whichever door. */
public record ConnectionOpened(Caller caller) implements FamilyEvent {

    @Override
    public FamilyId family() {
        return caller.family();
    }
}
