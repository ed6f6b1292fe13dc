package org.draugar.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.draugar.settings.Settings;
import org.draugar.settings.UnusableSetting;
import org.draugar.support.Database;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A PostgreSQL, which others can reach too: other applications, pg_dump, and a second Draugar. */
@Execution(ExecutionMode.CONCURRENT)
class PostgresStoreTest {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Map<String, String> values;
    private Settings settings;
    private Store store;

    @BeforeEach
    void open() {
        values = Database.POSTGRESQL.createWithTables(folder);
        settings = Settings.from(values::get);
        store = new Store(settings);
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
    }

    @Test
    void anotherApplicationsTablesAreLeftAlone() {
        store.jdbi().useHandle(handle -> handle.execute("create table of_somebody_else (id integer)"));
        long theirs = file("of_somebody_else");
        long ours = file("track");
        assertThat(store.compact()).isTrue();
        assertThat(file("of_somebody_else")).isEqualTo(theirs);
        assertThat(file("track")).isNotEqualTo(ours);
    }

    private long file(String table) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select pg_relation_filenode('" + table + "')")
                .mapTo(Long.class)
                .one());
    }

    /** As pg_dump does: who waits for it holds up everybody who comes after. */
    @Test
    void whoReadsATableForLongHoldsNobodyUp() {
        try (Handle reader = store.jdbi().open()) {
            reader.begin();
            reader.execute("lock table setup in access share mode");
            assertThat(store.compact()).isFalse();
            assertThat(one()).isEqualTo(1);
            reader.rollback();
        }
        assertThat(store.compact()).isTrue();
    }

    private int one() {
        return store.jdbi().withHandle(handle -> handle.createQuery("select id from setup")
                .mapTo(Integer.class)
                .one());
    }

    @Test
    void theSecondServerIsToldAndDoesNotStart() {
        assertThatThrownBy(() -> new Store(settings, SHORT, false))
                .isInstanceOf(UnusableSetting.class)
                .hasMessageContaining("DRAUGAR_DATABASE_URL: expected a database that no other Draugar uses right now");
        assertThat(store.answers()).isTrue();
    }

    @Test
    void theServersOfAClusterShareADatabaseAndOneThatIsAloneDoesNot() {
        Settings cluster = cluster();
        assertThatThrownBy(() -> new Store(cluster, SHORT))
                .isInstanceOf(UnusableSetting.class)
                .hasMessage("DRAUGAR_CLUSTER: expected every Draugar of this database to have it,"
                        + " so stop the one that runs without");
        store.close();
        store = new Store(cluster, SHORT);
        Store second = new Store(cluster, SHORT);
        try {
            assertThat(second.answers()).isTrue();
            assertThatThrownBy(() -> new Store(settings, SHORT))
                    .isInstanceOf(UnusableSetting.class)
                    .hasMessageContaining("so stop that one first");
            breakLocks();
            store.keep();
            second.keep();
            assertThat(store.isTakenOver() || second.isTakenOver()).isFalse();
            assertThat(store.answers() && second.answers()).isTrue();
        } finally {
            second.close();
        }
    }

    @Test
    void aServerOfAClusterTouchesItNoMoreWhenOneHasHadItAlone() {
        store.close();
        store = new Store(cluster(), SHORT);
        breakLocks();
        new Store(settings, SHORT).close();
        store.keep();
        assertThat(store.isTakenOver()).isTrue();
    }

    private Settings cluster() {
        Map<String, String> both = new HashMap<>(values);
        both.put("DRAUGAR_CLUSTER", "redis://localhost:1");
        both.put("DRAUGAR_CODE_KEY", "the same on all servers of the cluster");
        return Settings.from(both::get);
    }

    @Test
    void whoComesBackFindsItsStore() {
        store.close();
        store = new Store(settings, SHORT, false);
        assertThat(store.answers()).isTrue();
    }

    @Test
    void aServerThatFollowsWaitsForTheOneThatEnds() throws Exception {
        CompletableFuture<Store> next = CompletableFuture.supplyAsync(() -> new Store(settings, LONG, false));
        while (!somebodyTries()) {
            Thread.onSpinWait();
        }
        assertThat(next).isNotDone();
        store.close();
        store = next.get();
        assertThat(store.answers()).isTrue();
    }

    private boolean somebodyTries() {
        return store.jdbi().withHandle(handle -> handle.createQuery("select count(*) > 0 from pg_stat_activity"
                        + " where datname = current_database() and query like 'select pg_try_advisory_lock%'")
                .mapTo(Boolean.class)
                .one());
    }

    @Test
    void aBrokenConnectionIsMadeAnew() {
        breakLock();
        store.keep();
        assertThat(store.isTakenOver()).isFalse();
        assertThatThrownBy(() -> new Store(settings, SHORT, false)).isInstanceOf(UnusableSetting.class);
        assertThat(store.answers()).isTrue();
    }

    @Test
    void aServerThatHasLostItsDatabaseTouchesItNoMore() {
        breakLock();
        Store other = new Store(settings, SHORT, false);
        try {
            store.keep();
            assertThat(store.isTakenOver()).isTrue();
            assertThat(store.answers()).as("health says so").isFalse();
            assertThatThrownBy(() -> store.jdbi().useHandle(handle -> handle.execute("select 1")))
                    .isInstanceOf(JdbiException.class)
                    .hasMessageContaining("taken the database over");
            assertThat(other.answers()).isTrue();
        } finally {
            other.close();
        }
        store.keep();
        assertThat(store.isTakenOver()).as("also when that one has ended").isTrue();
    }

    @Test
    void norWhenTheOtherHasComeAndGone() {
        breakLock();
        new Store(settings, SHORT, false).close();
        store.keep();
        assertThat(store.isTakenOver()).isTrue();
        assertThat(store.answers()).isFalse();
    }

    private void breakLock() {
        assertThat(breakLocks()).containsExactly(true);
    }

    private List<Boolean> breakLocks() {
        return store.jdbi().withHandle(handle -> handle.createQuery("select pg_terminate_backend(pid, 5000)"
                        + " from pg_locks where locktype = 'advisory' and granted"
                        + " and database = (select oid from pg_database where datname = current_database())")
                .mapTo(Boolean.class)
                .list());
    }
}
