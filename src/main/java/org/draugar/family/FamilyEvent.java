package org.draugar.family;

/** A fact about one family, fired as a CDI event after it has become true. */
public interface FamilyEvent {

    /** The family whose business this is, and nobody else's. */
    FamilyId family();
}
