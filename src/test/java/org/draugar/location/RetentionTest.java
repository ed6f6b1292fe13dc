package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.draugar.family.Caller;
import org.draugar.family.FamiliesFixture;
import org.draugar.family.Family;
import org.draugar.family.HistoryErased;
import org.draugar.family.HistoryTermChanged;
import org.draugar.family.MemberRemoved;
import org.draugar.identity.IdentityFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
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

/** When the disk is given back: soon after a member has deleted something, and never as often as a member likes. */
@ParameterizedClass
@Execution(ExecutionMode.CONCURRENT)
@EnumSource(Database.class)
class RetentionTest {
    private static final Instant NOW = Instant.now();

    @Parameter
    Database database;

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong();
    private Store store;
    private PositionStore positions;
    private Tracks tracks;
    private Erasure erasure;
    private Retention retention;
    private Caller anna;

    @BeforeEach
    void open() {
        Settings settings = Settings.from(database.createWithTables(folder)::get);
        store = new Store(settings);
        positions = new PositionStore(store);
        positions.start(Thread::new);
        tracks = new Tracks(store, positions, settings);
        erasure = new Erasure(store, positions, tracks);
        anna = IdentityFixture.signUp(store, "Anna");
        retention = new Retention(erasure, store, nanos::get);
        retention.look();
    }

    @AfterEach
    void close() {
        // Nothing where the test was left out.
        if (positions != null) {
            positions.stop();
            store.close();
        }
    }

    @Test
    void whoDeletesNothingHasNothingCompacted() {
        Object before = files();
        assertThat(erase()).isFalse();
        retention.look();
        assertThat(files()).isEqualTo(before);
        keep(1);
        assertThat(erasure.delete(anna.member(), Instant.EPOCH, NOW.minusSeconds(60)))
                .as("nothing of that time")
                .isFalse();
    }

    @Test
    void theDiskIsGivenBackAtOnceAndThenNotForTenMinutes() {
        Object before = files();
        keep(1);
        assertThat(erase()).isTrue();
        retention.look();
        Object first = files();
        assertThat(first).isNotEqualTo(before);

        keep(2);
        assertThat(erase()).isTrue();
        pass(Duration.ofMinutes(10).minusNanos(1));
        retention.look();
        assertThat(files()).as("not yet").isEqualTo(first);
        pass(Duration.ofNanos(1));
        retention.look();
        Object second = files();
        assertThat(second).isNotEqualTo(first);

        pass(Duration.ofMinutes(10));
        retention.look();
        assertThat(files()).as("nothing more was deleted").isEqualTo(second);
    }

    @Test
    void aFamilyThatKeepsLessIsLookedAtAtOnce() {
        keep(3);
        assertThat(erase()).isTrue();
        retention.look();
        Object before = files();
        keep(4);
        keep(5);
        FamiliesFixture.families(store)
                .update(new Family(anna.family(), "Family of Anna", Optional.of(Duration.ZERO), false));
        retention.shorten(new HistoryTermChanged(anna.family()));
        retention.look();
        assertThat(tracks.between(anna.member(), Instant.EPOCH, NOW.plusSeconds(60), false))
                .hasSize(1);
        assertThat(files()).as("its bytes have time").isEqualTo(before);
    }

    /** Whoever runs an embedded store may take the disk away when the server has stopped. */
    @Test
    void whatWaitsIsDoneWhenTheServerStops() {
        keep(1);
        assertThat(erase()).isTrue();
        retention.look();
        Object before = files();
        retention.forget(new MemberRemoved(anna.family(), anna.member(), anna.member()));
        retention.stop();
        if (database == Database.H2) {
            assertThat(files()).isNotEqualTo(before);
        } else {
            assertThat(files()).isEqualTo(before);
        }
    }

    @Test
    void whatAServerThatWasKilledHasLeftIsGoneWithinADay() {
        Object before = files();
        pass(Duration.ofDays(1));
        retention.look();
        assertThat(files()).isNotEqualTo(before);
    }

    private void keep(int second) {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        Fix fix = new Fix(1, 2, NOW.plusMillis(second), null, null, null, null, null, null, null);
        positions.reserve(fix);
        positions.append(
                new StoredReport(
                        anna.family(), anna.member(), anna.device(), NOW.toEpochMilli() * 4096 + second, null, fix),
                stored);
        stored.join();
    }

    private boolean erase() {
        boolean any = erasure.delete(anna.member(), Instant.EPOCH, NOW.plusSeconds(60));
        retention.forget(new HistoryErased(anna.family(), anna.member(), any));
        return any;
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Says which file the positions are in: to compact is to write another one. */
    private Object files() {
        if (database == Database.POSTGRESQL) {
            return store.jdbi().withHandle(handle -> handle.createQuery("select pg_relation_filenode('position')")
                    .mapTo(Long.class)
                    .one());
        }
        try {
            return Files.readAttributes(folder.resolve("draugar.mv.db"), BasicFileAttributes.class)
                    .fileKey();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
