package org.draugar.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.draugar.family.Code;
import org.draugar.family.Families;
import org.draugar.family.FamiliesFixture;
import org.draugar.family.FamilyId;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Who was in a store of an earlier version is in it still, and may what they could. */
class EarlierStoreTest {
    private static final Code INVITATION = new Code("RD6QNMTL5N");

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Database.class)
    void whatWasThereStillWorks(Database database) {
        Map<String, String> values = database.create(folder);
        DataSource source = source(values);
        migrateTo(7, source);
        Token token = Token.random();
        Jdbi.create(source).useHandle(handle -> {
            handle.execute("insert into family (id, name, created_at) values (7, 'Family', current_timestamp)");
            handle.execute("insert into member (id, family_id, name, role, joined_at)"
                    + " values (8, 7, 'Anna', 'ADMIN', current_timestamp)");
            int id = 9;
            for (String app : new String[] {null, "owntracks", "traccar"}) {
                handle.execute(
                        "insert into device (id, member_id, token_hash, name, app, created_at, last_seen_at)"
                                + " values (?, 8, ?, 'Phone', ?, timestamp '2020-01-01 00:00:00',"
                                + " timestamp '2020-01-01 00:00:00')",
                        id,
                        app == null ? token.hash() : new byte[] {(byte) id},
                        app);
                if (app != null) {
                    handle.execute(
                            "insert into tracker (device_id, shown_to_family, commands, silent_after_minutes)"
                                    + " values (?, false, false, 60)",
                            id);
                }
                id++;
            }
            for (byte[] hash : List.of(Code.sha256(INVITATION.text()), new byte[] {1})) {
                handle.execute(
                        "insert into invite (code_hash, family_id, invited_by, expires_at)"
                                + " values (?, 7, 8, current_timestamp + interval '1' day)",
                        hash);
            }
        });
        Settings settings = Settings.from(values::get);
        Store store = new Store(settings);
        try {
            Families families = FamiliesFixture.families(store);
            assertThat(new Devices(store, settings).findCaller(token))
                    .as("when it was used was not kept: it counts from now on")
                    .isPresent();
            List<Boolean> familyInApp = store.jdbi()
                    .withHandle(handle -> handle.createQuery("select family_in_app from tracker order by device_id")
                            .mapTo(Boolean.class)
                            .list());
            assertThat(familyInApp).as("OwnTracks, Traccar Client").containsExactly(true, false);
            assertThat(families.members(new FamilyId(7)).get(0).shownInApps()).isTrue();
            assertThat(families.offer(INVITATION)).isPresent();
            assertThat(families.openInvites(new FamilyId(7)))
                    .hasSize(2)
                    .allMatch(invite -> families.removeInvite(new FamilyId(7), invite.id()));
            assertThat(families.offer(INVITATION)).isEmpty();
        } finally {
            store.close();
        }
    }

    /** From the first version of the tables on. */
    @ParameterizedTest
    @MethodSource
    void everyVersionOpens(Database database, int version) {
        Map<String, String> values = database.create(folder);
        DataSource source = source(values);
        migrateTo(version, source);
        Token token = Token.random();
        Jdbi.create(source).useHandle(handle -> {
            handle.execute("insert into family (id, name, created_at) values (7, 'Family', current_timestamp)");
            handle.execute("insert into member (id, family_id, name, role, joined_at)"
                    + " values (8, 7, 'Anna', 'ADMIN', current_timestamp)");
            handle.execute(
                    "insert into device (id, member_id, token_hash, name, created_at, last_seen_at)"
                            + " values (9, 8, ?, 'Phone', current_timestamp, current_timestamp)",
                    token.hash());
        });
        Settings settings = Settings.from(values::get);
        // The second time, there is nothing to change.
        for (int start = 0; start < 2; start++) {
            Store store = new Store(settings);
            try {
                assertThat(new Devices(store, settings).findCaller(token))
                        .hasValueSatisfying(
                                caller -> assertThat(caller.memberName()).isEqualTo("Anna"));
            } finally {
                store.close();
            }
        }
    }

    static Stream<Arguments> everyVersionOpens() throws IOException {
        int newest;
        try (Stream<Path> migrations = Files.list(Path.of("src/main/resources/db/migration"))) {
            newest = (int) migrations.count();
        }
        return Stream.of(Database.values()).flatMap(database -> IntStream.rangeClosed(1, newest)
                .mapToObj(version -> Arguments.of(database, version)));
    }

    private static void migrateTo(int version, DataSource source) {
        Flyway.configure(Store.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db/migration")
                .target(Integer.toString(version))
                .load()
                .migrate();
    }

    private DataSource source(Map<String, String> values) {
        if (values.containsKey("DRAUGAR_DATABASE_URL")) {
            PGSimpleDataSource postgres = new PGSimpleDataSource();
            postgres.setURL(values.get("DRAUGAR_DATABASE_URL"));
            postgres.setUser(values.get("DRAUGAR_DATABASE_USER"));
            postgres.setPassword(values.get("DRAUGAR_DATABASE_PASSWORD"));
            return postgres;
        }
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:file:" + folder.resolve("draugar") + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE");
        return h2;
    }
}
