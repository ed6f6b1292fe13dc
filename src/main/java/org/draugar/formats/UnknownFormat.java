package org.draugar.formats;

/** A file that is none of those that can be imported. The message says what would be right, for people. */
public final class UnknownFormat extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param what what the file seems to be, as the beginning of a sentence */
    UnknownFormat(String what) {
        super(what + ". Expected a GPX file, or one of Google Timeline's: Timeline.json as Android exports it,"
                + " location-history.json as an iPhone does, or, from an old Takeout, Records.json or a month of"
                + " Semantic Location History");
    }
}
