package org.draugar.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.draugar.settings.Settings;
import org.draugar.support.Database;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The database itself: who gets a connection, and that all of it is compacted. */
@ParameterizedClass
@Execution(ExecutionMode.CONCURRENT)
@EnumSource(Database.class)
class StoreTest {
    @Parameter
    Database database;

    @TempDir
    Path folder;

    private Store store;

    @BeforeEach
    void open() {
        store = new Store(Settings.from(database.createWithTables(folder)::get));
    }

    @AfterEach
    void close() {
        // Nothing where the test was left out.
        if (store != null) {
            store.close();
        }
    }

    @Test
    void everyTableOfOursIsKnownByName() {
        List<String> tables = store.jdbi().withHandle(handle -> handle.createQuery(
                        "select table_name from information_schema.tables where table_schema = 'public'")
                .mapTo(String.class)
                .list());
        tables.remove("flyway_schema_history");
        assertThat(Store.TABLES)
                .as("a table that is missing here would keep on the disk what is deleted from it")
                .containsExactlyInAnyOrderElementsOf(tables);
    }

    /** Also not whoever asks for a second connection while they have one. */
    @Test
    void nobodyIsTurnedAwayWhileTheStoreIsCompacted() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                readers.add(threads.submit(() -> {
                    int reads = 0;
                    while (!enough.get()) {
                        reads += store.jdbi().withHandle(outer -> one() + one());
                    }
                    return reads;
                }));
            }
            for (int i = 0; i < 5; i++) {
                assertThat(store.compact()).isTrue();
                assertThat(store.answers()).isTrue();
            }
            enough.set(true);
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("somebody was turned away", e.getCause());
        } finally {
            enough.set(true);
            threads.shutdownNow();
        }
    }

    private int one() {
        return store.jdbi().withHandle(handle -> handle.createQuery("select id from setup")
                .mapTo(Integer.class)
                .one());
    }

    /** A database repeats what it refuses; exceptions end in the log. */
    @Test
    void noExceptionTellsWhatIsInARow() {
        String secret = "Zyxwvutsrqpo";
        refused("insert into family (id, name, created_at) values (1, :value, current_timestamp)", secret.repeat(20));
        refused("insert into webhook (member_id, url) values (1, :value)", "https://" + secret);
        refused("select id from setup where id = cast(:value as integer)", secret);
        store.jdbi()
                .useHandle(handle -> handle.execute(
                        "create table unlike (name varchar(20) primary key check" + " (name <> 'Zyxwvutsrqp'))"));
        store.jdbi().useHandle(handle -> handle.execute("insert into unlike values (?)", secret));
        refused("insert into unlike values (:value)", secret);
        refused("insert into unlike values (:value)", "Zyxwvutsrqp");
    }

    private void refused(String sql, String value) {
        assertThatThrownBy(() -> store.jdbi()
                        .useHandle(handle ->
                                handle.createUpdate(sql).bind("value", value).execute()))
                .satisfies(e -> {
                    StringWriter trace = new StringWriter();
                    e.printStackTrace(new PrintWriter(trace));
                    assertThat(trace.toString()).contains("SQLSTATE 2").doesNotContain("Zyxwvutsrqp");
                });
    }
}
