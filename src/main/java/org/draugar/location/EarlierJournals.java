package org.draugar.location;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.draugar.family.MemberId;
import org.draugar.store.Store;
import org.jdbi.v3.core.Handle;

/**
 * Moves what an earlier version of Draugar had acknowledged and not yet filed out of its journals. Each row with its own
 * commit: it may break off anywhere, and little of it is in memory. The tables stay, and stay empty: what is read here
 * are packs, which no migration in SQL can read, and a table is dropped by a migration alone.
 */
final class EarlierJournals {
    private static final List<String> TABLES = List.of("journal", "journal_other");

    private final Store store;

    EarlierJournals(Store store) {
        this.store = store;
    }

    void move() {
        for (String table : TABLES) {
            try {
                boolean more;
                do {
                    more = store.jdbi().inTransaction(handle -> moveRow(handle, table));
                } while (more);
            } catch (SQLException e) {
                throw new IllegalStateException(
                        "What is in " + table + " cannot be moved: SQLSTATE " + e.getSQLState());
            }
        }
    }

    private record Row(long number, byte[] pack) {}

    /** @return whether there was one */
    private static boolean moveRow(Handle handle, String table) throws SQLException {
        Optional<Row> row = handle.createQuery(
                        "select seq, pack from " + table + " order by seq fetch first 1 row only for update")
                .map((r, context) -> new Row(r.getLong("seq"), r.getBytes("pack")))
                .findOne();
        if (row.isEmpty()) {
            return false;
        }
        Map<MemberId, Boolean> members = new HashMap<>();
        Map<MemberId, Map<Long, Long>> filed = new HashMap<>();
        List<StoredReport> reports = Pack.open(row.get().pack()).stream()
                .filter(kept -> members.computeIfAbsent(kept.member(), member -> TrackTable.lock(handle, member)))
                // It may have been filed before it was taken out of the journal, in the order of the stream.
                .filter(kept -> kept.offset()
                        > filed.computeIfAbsent(kept.member(), member -> new HashMap<>())
                                .computeIfAbsent(
                                        TrackTable.hour(kept.measuredAt()),
                                        hour -> TrackTable.lastOffset(handle, kept.member(), hour)))
                .toList();
        PositionTable.insert(handle, reports);
        handle.createUpdate("delete from " + table + " where seq = :seq")
                .bind("seq", row.get().number())
                .execute();
        return true;
    }
}
