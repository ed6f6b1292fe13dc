package org.draugar.location;

import java.util.List;
import java.util.PriorityQueue;

/** The first reports in some order, out of many that come in any order: as many as a page has room for. */
final class ReportPage {
    /** As much is in memory of what is read, in bytes, more or less: 5,000 positions, fewer where they are encrypted. */
    static final int MAX_SIZE = 1 << 20;

    /** In which order reports are read. */
    enum Order {
        BY_TIME,
        NEWEST_FIRST,
        BY_OFFSET;

        /** By time of measurement, in milliseconds since 1970, and place in the stream. */
        int compare(long at, long offset, long otherAt, long otherOffset) {
            int byTime = this == BY_OFFSET ? 0 : Long.compare(at, otherAt);
            int ascending = byTime != 0 ? byTime : Long.compare(offset, otherOffset);
            return this == NEWEST_FIRST ? -ascending : ascending;
        }

        private int compare(StoredReport one, StoredReport other) {
            return compare(one.measuredAt(), one.offset(), other.measuredAt(), other.offset());
        }
    }

    private final Order order;
    private final int max;
    private final PriorityQueue<StoredReport> lastFirst;
    private long size;
    private boolean cut;

    ReportPage(Order order, int max) {
        this.order = order;
        this.max = max;
        this.lastFirst = new PriorityQueue<>((one, other) -> order.compare(other, one));
    }

    void add(StoredReport kept) {
        lastFirst.add(kept);
        size += kept.size();
        while (lastFirst.size() > max || size > MAX_SIZE && lastFirst.size() > 1) {
            size -= lastFirst.remove().size();
            cut = true;
        }
    }

    /**
     * Adds the first reports of a source.
     *
     * @param maxOfSource as many of it were asked for: where as many came, it has more
     */
    void addAll(List<StoredReport> reports, int maxOfSource) {
        reports.forEach(kept -> {
            if (wants(kept.measuredAt(), kept.offset())) {
                add(kept);
            }
        });
        cut |= reports.size() == maxOfSource;
    }

    /** Whether a report has its place on the page. */
    boolean wants(long measuredAt, long offset) {
        return !cut || order.compare(measuredAt, offset, last().measuredAt(), last().offset()) < 0;
    }

    /** Whether some found no room: what comes after {@link #last()} is of no use any more. */
    boolean isCut() {
        return cut;
    }

    boolean isEmpty() {
        return lastFirst.isEmpty();
    }

    StoredReport last() {
        return lastFirst.element();
    }

    List<StoredReport> inOrder() {
        return lastFirst.stream().sorted(order::compare).toList();
    }
}
