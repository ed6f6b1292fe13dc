package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.draugar.family.MemberId;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Stores that earlier versions have made open with everything in them. Each change of the tables brings one that the
 * version before it has made.
 *
 * <p>{@code store-12}, made by commit cd84922: Anna's and Björn's positions, the first 301 packed, 51 more packed and still
 * in the journal, as a kill leaves them, the last 52 only there, and one of Eve, who was removed.
 */
class EarlierPositionsTest {
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");
    private static final long FIRST = START.toEpochMilli() * 4096;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Database.class)
    void everythingIsThereOnceAndInOrder(Database database) {
        Settings settings = Settings.from(database.restore(12, folder)::get);
        // The second time, nothing is left to move.
        for (int start = 0; start < 2; start++) {
            Store store = new Store(settings);
            PositionStore positions = new PositionStore(store);
            try {
                positions.start(Thread::new);
                Tracks tracks = new Tracks(store, positions, settings);
                Map<String, MemberId> members = store.jdbi().withHandle(handle -> handle
                        .createQuery("select name, id from member")
                        .map((row, context) -> Map.entry(row.getString("name"), new MemberId(row.getLong("id"))))
                        .stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
                assertThat(members).containsOnlyKeys("Anna", "Björn");
                List<StoredReport> anna = all(tracks, members.get("Anna"));
                List<StoredReport> bjorn = all(tracks, members.get("Björn"));
                assertThat(anna)
                        .hasSize(2 + 266)
                        .extracting(StoredReport::report)
                        .contains(
                                new Fix(
                                        -89.123456789,
                                        179.987654321,
                                        START,
                                        12.5,
                                        -3.25,
                                        1.5,
                                        359.75,
                                        0.8125,
                                        true,
                                        "vehicle",
                                        "sos"),
                                new Encrypted(1, "n".repeat(32), "c".repeat(400), START.plusMillis(1)));
                assertThat(bjorn)
                        .hasSize(133 + 1)
                        .last()
                        .isEqualTo(new StoredReport(
                                bjorn.get(0).family(),
                                members.get("Björn"),
                                bjorn.get(0).device(),
                                FIRST + 402,
                                "late",
                                new Encrypted(2, "m".repeat(32), "d".repeat(100), START.plusSeconds(400))));
                assertThat(bjorn.subList(0, 133))
                        .extracting(StoredReport::id)
                        .isEqualTo(IntStream.rangeClosed(1, 133)
                                .map(i -> 3 * i)
                                .mapToObj(i -> i >= 350 && i % 5 == 0 ? null : "n" + i)
                                .toList());
                assertThat(tracks.after(anna.get(0).family(), FIRST, 500)
                                .orElseThrow()
                                .reports())
                        .extracting(named -> named.kept().offset())
                        .isEqualTo(LongStream.rangeClosed(FIRST + 1, FIRST + 402)
                                .boxed()
                                .toList());
                assertThat(rows(store, "journal") + rows(store, "journal_other"))
                        .isZero();
                assertThat(rows(store, "position")).isEqualTo(51);
            } finally {
                positions.stop();
                store.close();
            }
        }
    }

    private static List<StoredReport> all(Tracks tracks, MemberId member) {
        return tracks.between(member, START, START.plus(1, ChronoUnit.DAYS), false)
                .toList();
    }

    private static int rows(Store store, String table) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select count(*) from " + table)
                .mapTo(Integer.class)
                .one());
    }
}
