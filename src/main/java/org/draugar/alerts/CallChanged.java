package org.draugar.alerts;

import org.draugar.family.FamilyEvent;
import org.draugar.family.FamilyId;

/** Somebody calls for help, somebody has seen it, or it is over. */
public record CallChanged(Call call) implements FamilyEvent {
    @Override
    public FamilyId family() {
        return call.family();
    }
}
