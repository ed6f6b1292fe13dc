package org.draugar.location;

/** What became of a report that was in order. */
public enum Outcome {
    /** It is safely stored. */
    STORED,
    /**
     * Its sender is paused, or was when it was measured: it is neither stored nor told, and never will be. Not an error:
     * a device should forget it like one that is stored.
     */
    PAUSED;

    /** {@link #PAUSED}, for people. */
    public static final String PAUSED_WORDS =
            "You are paused, or were when it was measured: it is neither stored nor told";
}
