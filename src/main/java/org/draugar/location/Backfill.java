package org.draugar.location;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.draugar.family.DeviceId;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.http.Problem;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/** Keeps what was measured elsewhere and long ago; nobody live is told. Thread-safe. */
@Singleton
public class Backfill {
    private static final int PAGE = 1000;

    private final Store store;
    private final PositionStore positions;

    @Inject
    Backfill(Store store, PositionStore positions) {
        this.store = store;
        this.positions = positions;
    }

    /**
     * Adds positions to a member's track. What is already there with the same time and place stays as it is, so that the
     * same file may be taken in twice.
     *
     * @return how many were new
     * @throws Problem 409 when there would be too many of one hour
     */
    public int add(FamilyId family, MemberId member, DeviceId device, List<Fix> fixes) {
        positions.awaitStored();
        Map<Long, Map<Spot, Fix>> byHour = new TreeMap<>();
        for (Fix fix : fixes) {
            byHour.computeIfAbsent(TrackTable.hour(fix.measuredAt()), hour -> new LinkedHashMap<>())
                    .putIfAbsent(Spot.of(fix), fix);
        }
        return store.jdbi().inTransaction(handle -> {
            int news = 0;
            if (TrackTable.lock(handle, member)) {
                for (Map.Entry<Long, Map<Spot, Fix>> entry : byHour.entrySet()) {
                    news += add(handle, family, member, device, entry.getKey(), entry.getValue());
                }
            }
            return news;
        });
    }

    /** @param fixes of one hour; what is known is taken out of it */
    private static int add(
            Handle handle, FamilyId family, MemberId member, DeviceId device, long hour, Map<Spot, Fix> fixes) {
        long start = hour * TrackTable.HOUR_MILLIS;
        List<StoredReport> rows;
        PageCursor cursor = null;
        int known = 0;
        do {
            rows = PositionTable.between(
                    handle, member, start, start + TrackTable.HOUR_MILLIS, ReportPage.Order.BY_TIME, cursor, PAGE);
            for (StoredReport kept : rows) {
                forget(kept, fixes);
                cursor = PageCursor.of(kept);
            }
            known += rows.size();
        } while (rows.size() == PAGE);
        int[] packed = new int[1];
        // Their place is below every place in a stream, where nobody resumes from, and their own.
        long[] last = {start - 1};
        TrackTable.forEach(handle, member, hour, report -> {
            packed[0]++;
            if (report.offset() < start + 2 * TrackTable.HOUR_MILLIS) {
                last[0] = Math.max(last[0], report.offset());
            }
            forget(report.kept(), fixes);
        });
        known += packed[0];
        if (fixes.isEmpty()) {
            return 0;
        }
        if (known + fixes.size() > KnownIds.MAX_OF_AN_HOUR) {
            throw new Problem(
                    409,
                    "There are more than " + KnownIds.MAX_OF_AN_HOUR + " positions of one hour, at "
                            + Instant.ofEpochMilli(start) + "; leave some out");
        }
        TrackTable.add(
                handle,
                member,
                hour,
                fixes.values().stream()
                        .map(fix -> new StoredReport(family, member, device, ++last[0], null, fix))
                        .toList());
        return fixes.size();
    }

    private static void forget(StoredReport known, Map<Spot, Fix> fixes) {
        if (known.report() instanceof Fix fix) {
            fixes.remove(Spot.of(fix));
        }
    }

    /** What a position is known again by: its time to the millisecond, and its place to a centimetre, as files have it. */
    private record Spot(long epochMilli, long latitudeE7, long longitudeE7) {
        static Spot of(Fix fix) {
            return new Spot(
                    fix.measuredAt().toEpochMilli(),
                    Math.round(fix.latitude() * 1e7),
                    Math.round(fix.longitude() * 1e7));
        }
    }
}
