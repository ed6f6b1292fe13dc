package org.draugar.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.draugar.settings.Settings;
import org.draugar.support.Database;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A PostgreSQL, which others can reach too: other applications, and pg_dump. */
@Execution(ExecutionMode.CONCURRENT)
class PostgresStoreTest {
    @TempDir
    Path folder;

    private Settings settings;
    private Store store;

    @BeforeEach
    void open() {
        settings = Settings.from(Database.POSTGRESQL.createWithTables(folder)::get);
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
}
