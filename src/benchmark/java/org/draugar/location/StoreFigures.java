package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.draugar.family.Caller;
import org.draugar.identity.IdentityFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No test but a measurement, for {@code docs/measurements}: {@code mvn test -Dtest=StoreFigures}. Ten minutes or so, one GB
 * of disk.
 */
@ParameterizedClass
@EnumSource(Database.class)
class StoreFigures {
    private static final int ROUNDS = 5;
    private static final int ROUND = 200_000;
    private static final int GROUP = 1000;
    private static final int MEMBERS = 5;
    private static final int MANY_MEMBERS = 500;
    private static final int A_DAY = 8640;

    @Parameter
    Database database;

    @TempDir
    Path folder;

    /** What is acknowledged a second, packing left out, against bare inserts in groups of a thousand, each group synced. */
    @Test
    void aSecond() throws Exception {
        Settings settings = settings("second", Map.of());
        Store store = new Store(settings);
        Family family = new Family(store, MANY_MEMBERS, Instant.now());
        List<Double> ours = new ArrayList<>();
        List<Double> rows = new ArrayList<>();
        try (Connection connection = store.jdbi().open().getConnection()) {
            connection
                    .createStatement()
                    .execute("create table bare (offset_no bigint primary key, member_id bigint, id varchar(64),"
                            + " measured_at timestamp, latitude double precision, longitude double precision,"
                            + " accuracy double precision, altitude double precision, speed double precision)");
            connection.createStatement().execute("create index bare_time on bare (member_id, measured_at)");
            PositionStore positions = new PositionStore(store);
            positions.start(Thread::new);
            Tracks tracks = new Tracks(store, positions, settings);
            for (int round = 0; round <= ROUNDS; round++) {
                List<StoredReport> some = family.some(ROUND);
                double bare = rate(() -> bare(store, connection, some));
                double kept = rate(() -> {
                    keep(positions, some);
                    positions.awaitStored();
                });
                if (round > 0) {
                    ours.add(kept);
                    rows.add(bare);
                    System.out.printf(
                            "StoreFigures: %s, round %d of %d: %.0f/s kept, %.0f/s as bare rows, ratio %.2f%n",
                            database, round, ROUNDS, kept, bare, kept / bare);
                }
            }
            assertThat(tracks.lastOffset()).isEqualTo(family.offset);
            positions.stop();
        }
        store.close();
        System.out.printf(
                "StoreFigures: %s, median of %d rounds: %.0f/s kept, %.0f/s as bare rows, ratio %.2f%n",
                database, ROUNDS, median(ours), median(rows), median(ours) / median(rows));
    }

    /** A year of a family at a point every ten seconds: how much that is, and how long a day of it takes to read. */
    @Test
    void aYear() throws Exception {
        double little = year(1, "day");
        double much = year(Integer.getInteger("draugar.figures.days", 365), "year");
        System.out.printf(
                "StoreFigures: %s, a day's track: %.1f ms in a store with one day, %.1f ms in the full one, ratio %.2f%n",
                database, little, much, much / little);
    }

    private double year(int days, String name) throws Exception {
        Settings settings = settings(name, Map.of("DRAUGAR_HISTORY", "2y"));
        Store store = new Store(settings);
        Instant start = Instant.now().truncatedTo(ChronoUnit.MILLIS).minus(days, ChronoUnit.DAYS);
        Family family = new Family(store, MEMBERS, start);
        PositionStore positions = new PositionStore(store);
        positions.start(Thread::new);
        Tracks tracks = new Tracks(store, positions, settings);
        Compaction compaction = new Compaction(store, positions, new Erasure(store, positions, tracks));
        for (int day = 1; day <= days; day++) {
            keep(positions, family.some(MEMBERS * A_DAY));
            compaction.run(Optional.of(Duration.ZERO));
            if (day % 60 == 0) {
                System.out.printf("StoreFigures: %s, day %d of %d%n", database, day, days);
            }
        }
        store.compact();
        long count = (long) days * MEMBERS * A_DAY;
        long size = size(store, name);
        System.out.printf(
                "StoreFigures: %s, %d days of %d members: %,d positions in %,d MB, %.1f bytes each%n",
                database, days, MEMBERS, count, size >> 20, (double) size / count);
        List<Double> millis = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            Instant from = start.plus(random.nextInt(days), ChronoUnit.DAYS);
            Caller member = family.members.get(random.nextInt(MEMBERS));
            long begun = System.nanoTime();
            long read = tracks.between(member.member(), from, from.plus(1, ChronoUnit.DAYS), false)
                    .count();
            // The first ones warm up.
            if (i >= 20) {
                millis.add((System.nanoTime() - begun) / 1e6);
            }
            assertThat(read).isEqualTo(A_DAY);
        }
        positions.stop();
        store.close();
        return median(millis);
    }

    private Settings settings(String name, Map<String, String> more) {
        Map<String, String> values = database.create(folder.resolve(name));
        values.putAll(more);
        return Settings.from(values::get);
    }

    private long size(Store store, String name) throws Exception {
        return database == Database.H2
                ? Files.size(folder.resolve(name + "/draugar.mv.db"))
                : store.jdbi().withHandle(handle -> handle.createQuery("select pg_database_size(current_database())")
                        .mapTo(Long.class)
                        .one());
    }

    private static void keep(PositionStore positions, List<StoredReport> some) throws InterruptedException {
        // As many under way as the store has room for.
        Semaphore room = new Semaphore(10_000);
        CompletableFuture<?> last = null;
        for (StoredReport kept : some) {
            room.acquire();
            CompletableFuture<Void> stored = new CompletableFuture<>();
            positions.reserve(kept.report());
            positions.append(kept, stored);
            last = stored.thenRun(room::release);
        }
        last.join();
    }

    private static void bare(Store store, Connection connection, List<StoredReport> some) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                connection.prepareStatement("insert into bare values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (int first = 0; first < some.size(); first += GROUP) {
                for (StoredReport kept : some.subList(first, first + GROUP)) {
                    Fix fix = (Fix) kept.report();
                    insert.setLong(1, kept.offset());
                    insert.setLong(2, kept.member().value());
                    insert.setString(3, kept.id());
                    insert.setTimestamp(4, Timestamp.from(fix.measuredAt()));
                    insert.setDouble(5, fix.latitude());
                    insert.setDouble(6, fix.longitude());
                    insert.setDouble(7, fix.accuracy());
                    insert.setDouble(8, fix.altitude());
                    insert.setDouble(9, fix.speed());
                    insert.addBatch();
                }
                insert.executeBatch();
                connection.commit();
                store.sync();
            }
        }
        connection.setAutoCommit(true);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double rate(Work work) throws Exception {
        long begun = System.nanoTime();
        work.run();
        return ROUND * 1e9 / (System.nanoTime() - begun);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    /** People who walk about, with a point every ten seconds. */
    private static final class Family {
        final List<Caller> members;
        long offset;
        private final Random random = new Random(1);
        private final double[] latitudes;
        private Instant now;
        private long number;

        Family(Store store, int size, Instant start) {
            Caller admin = IdentityFixture.signUp(store, "Anna");
            members = new ArrayList<>(List.of(admin));
            latitudes = new double[size];
            IntStream.range(1, size).forEach(i -> members.add(IdentityFixture.join(store, admin, "Member " + i)));
            now = start;
            offset = start.toEpochMilli() * 4096;
        }

        List<StoredReport> some(int count) {
            List<StoredReport> some = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                int who = i % latitudes.length;
                if (who == 0) {
                    now = now.plusSeconds(10);
                }
                latitudes[who] += (random.nextInt(2001) - 1000) / 1e7;
                Function<Double, Double> tenth = value -> Math.round(value * 10) / 10.0;
                Fix fix = new Fix(
                        64 + Math.round(latitudes[who] * 1e7) / 1e7,
                        -21 + random.nextInt(10_000) / 1e7,
                        now.truncatedTo(ChronoUnit.MILLIS).minus(Duration.ofSeconds(10)),
                        tenth.apply(5 + random.nextDouble() * 10),
                        tenth.apply(50 + random.nextDouble()),
                        tenth.apply(random.nextDouble() * 10),
                        null,
                        null,
                        null,
                        null);
                Caller caller = members.get(who);
                offset += 4096 * 2000;
                some.add(new StoredReport(
                        caller.family(), caller.member(), caller.device(), offset, Long.toString(number++, 36), fix));
            }
            return some;
        }
    }
}
