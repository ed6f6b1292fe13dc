package org.draugar.formats;

import java.util.List;

/**
 * What became of an imported file. Holds no coordinates, names or times: it may be shown and logged.
 *
 * @param format what the file was, such as {@code GPX 1.1}
 * @param read how many entries were looked at: those understood and those not, and the flaws that were read over
 * @param understood how many positions were found
 * @param notUnderstood the rest, by kind, in the order in which each kind first came
 */
public record ImportReport(String format, long read, long understood, List<NotUnderstood> notUnderstood) {

    /**
     * A kind of entry that gave no position.
     *
     * @param what the kind, in words for people; there are few, whatever the file holds
     * @param count how many there were
     * @param first where the first one is: a line, or a path such as {@code locations[17]}
     */
    public record NotUnderstood(String what, long count, String first) {}
}
