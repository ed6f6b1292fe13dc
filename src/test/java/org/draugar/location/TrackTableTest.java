package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.draugar.family.Caller;
import org.draugar.family.DeviceId;
import org.draugar.family.FamiliesFixture;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.identity.IdentityFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of positions in H2. */
class TrackTableTest {
    /** How H2 says which index it takes for the table. */
    private static final Pattern INDEX =
            Pattern.compile("\"(?:track|position)\"(?: \"\\w+\")?\\s+/\\* public\\.([\\w.]+)");

    /**
     * H2 may prefer an index that fits worse: then a look reads all that a member ever sent, or what everybody sent, and
     * takes longer with every day of history.
     */
    @Test
    void nothingReadsMoreThanItAskedFor(@TempDir Path folder) {
        Store store = new Store(Settings.from(Database.H2.create(folder)::get));
        PositionStore positions = new PositionStore(store);
        positions.start(Thread::new);
        Tracks tracks = new Tracks(store, positions, Settings.from(name -> null));
        Erasure erasure = new Erasure(store, positions, tracks);
        Compaction compaction = new Compaction(store, positions, erasure);
        Set<String> statements = ConcurrentHashMap.newKeySet();
        try {
            Caller anna = IdentityFixture.signUp(store, "Anna");
            keep(positions, anna, 20);
            // With few members, H2 would choose well by chance.
            for (int i = 0; i < 50; i++) {
                keep(positions, IdentityFixture.join(store, anna, "Member " + i), 5);
            }
            compaction.run(Optional.of(Duration.ZERO));
            store.jdbi().useHandle(handle -> handle.execute("analyze"));
            store.jdbi().setSqlLogger(collect(statements));
            keep(positions, anna, 2);
            compaction.run(Optional.of(Duration.ZERO));
            Instant now = Instant.now();
            assertThat(tracks.between(anna.member(), Instant.EPOCH, now, true)).isNotEmpty();
            assertThat(tracks.after(anna.family(), 0, 50)).isPresent();
            assertThat(tracks.latest(anna.family())).hasSize(51);
            assertThat(tracks.lately(anna.member()).ofItsHour()).isPositive();
            erasure.delete(anna.member(), now.minus(Duration.ofHours(50)), now);
            assertThat(statements).hasSizeGreaterThan(7).allSatisfy(statement -> assertThat(indexes(store, statement))
                    .as(statement)
                    .isNotEmpty()
                    .allMatch(index -> index.startsWith("PRIMARY_KEY")
                            || index.equals("track_stream")
                            || index.equals("position_member")
                            // Whole keys: of anything less it would read what everybody measured then.
                            || index.startsWith("position_once") && statement.contains("id_key = ?")));
        } finally {
            positions.stop();
            store.close();
        }
    }

    @Test
    void whatWasKeptBeforeItWasMadeAnewIsThere(@TempDir Path folder) {
        Settings settings = Settings.from(Database.H2.create(folder)::get);
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + folder.resolve("draugar") + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE");
        Flyway.configure(Store.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db/migration")
                .target("4")
                .load()
                .migrate();
        Instant at = Instant.parse("2026-11-20T08:00:00Z");
        StoredReport kept = new StoredReport(
                new FamilyId(7),
                new MemberId(8),
                new DeviceId(9),
                at.toEpochMilli() * 4096,
                "first",
                new Fix(1, 2, at, null, null, null, null, null, null, null));
        Pack pack = new Pack();
        pack.add(kept);
        Jdbi.create(source).useHandle(handle -> {
            handle.execute("insert into family (id, name, created_at) values (7, 'Family', current_timestamp)");
            handle.execute("insert into member (id, family_id, name, role, joined_at)"
                    + " values (8, 7, 'Anna', 'MEMBER', current_timestamp)");
            handle.execute(
                    "insert into track (member_id, epoch_hour, first_offset, last_offset, family_id, reports, pack)"
                            + " values (8, ?, ?, ?, 7, 1, ?)",
                    at.toEpochMilli() / 3_600_000,
                    kept.offset(),
                    kept.offset(),
                    pack.deflated());
        });
        Store store = new Store(settings);
        PositionStore positions = new PositionStore(store);
        positions.start(Thread::new);
        try {
            Tracks tracks = new Tracks(store, positions, settings);
            assertThat(tracks.between(kept.member(), Instant.EPOCH, Instant.now(), false))
                    .containsExactly(kept);
            FamiliesFixture.families(store).removeMember(kept.family(), kept.member());
            assertThat(tracks.lastOffset()).isZero();
        } finally {
            positions.stop();
            store.close();
        }
    }

    private static SqlLogger collect(Set<String> statements) {
        return new SqlLogger() {
            @Override
            public void logAfterExecution(StatementContext context) {
                String statement = context.getParsedSql().getSql();
                if ((statement.contains(" track ") || statement.contains(" position "))
                        && !statement.startsWith("insert")) {
                    statements.add(statement);
                }
            }
        };
    }

    /** One position an hour, up to now. */
    private static void keep(PositionStore positions, Caller sender, int hours) {
        Instant now = Instant.now();
        CompletableFuture.allOf(IntStream.range(0, hours)
                        .mapToObj(hour -> {
                            Instant at = now.minus(Duration.ofHours(hour));
                            CompletableFuture<Void> stored = new CompletableFuture<>();
                            StoredReport kept = new StoredReport(
                                    sender.family(),
                                    sender.member(),
                                    sender.device(),
                                    at.toEpochMilli() * 4096,
                                    null,
                                    new Fix(1, 2, at, null, null, null, null, null, null, null));
                            positions.reserve(kept.report());
                            positions.append(kept, stored);
                            return stored;
                        })
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }

    private static Set<String> indexes(Store store, String statement) {
        Set<String> indexes = ConcurrentHashMap.newKeySet();
        store.jdbi().useHandle(handle -> {
            try (PreparedStatement explain = handle.getConnection().prepareStatement("explain " + statement)) {
                for (int i = 1; i <= explain.getParameterMetaData().getParameterCount(); i++) {
                    explain.setString(i, "0");
                }
                try (ResultSet plan = explain.executeQuery()) {
                    plan.next();
                    INDEX.matcher(plan.getString(1)).results().forEach(found -> indexes.add(found.group(1)));
                }
            } catch (SQLException e) {
                throw new IllegalStateException(statement, e);
            }
        });
        return indexes;
    }
}
