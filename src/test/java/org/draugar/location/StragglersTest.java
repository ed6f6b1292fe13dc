package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.draugar.family.Caller;
import org.draugar.family.FamiliesFixture;
import org.draugar.identity.IdentityFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which reports without a time may be left over from a pause. */
class StragglersTest {
    private final Instant now = Instant.now();

    @TempDir
    Path folder;

    private Store store;
    private Caller anna;

    @BeforeEach
    void open() {
        store = new Store(Settings.from(Map.of("DRAUGAR_DATA", folder.toString())::get));
        anna = IdentityFixture.signUp(store, "Anna");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void whoHasNotPausedHasNone() {
        Stragglers stragglers = stragglers();
        assertThat(stragglers.mayBeOne(anna, null)).isFalse();
        assertThat(stragglers.mayBeOne(anna, now)).isFalse();
        pausedUntil(now.minus(Duration.ofDays(31)));
        assertThat(stragglers().mayBeOne(anna, null)).isFalse();
    }

    @Test
    void aConnectionThatWasOpenWhenThePauseEndedBringsNone() {
        pausedUntil(now.minusSeconds(10));
        Stragglers stragglers = stragglers();
        assertThat(stragglers.mayBeOne(anna, now.minusSeconds(5))).isTrue();
        assertThat(stragglers.mayBeOne(anna, now.minusSeconds(15))).isFalse();
        assertThat(stragglers.mayBeOne(anna, now))
                .as("the device has nothing left, whatever it comes back by")
                .isFalse();
        assertThat(stragglers.mayBeOne(anna, null)).isFalse();
    }

    @Test
    void aLaterConnectionHasDeliveredWhatWaitedAfterAMinute() {
        pausedUntil(now.minus(Duration.ofHours(1)));
        Stragglers stragglers = stragglers();
        assertThat(stragglers.mayBeOne(anna, now.minusSeconds(50))).isTrue();
        assertThat(stragglers.mayBeOne(anna, now.minusSeconds(61))).isFalse();
    }

    @Test
    void requestsSayNothingOfWhatWaits() {
        pausedUntil(now.minus(Duration.ofDays(2)));
        Stragglers stragglers = stragglers();
        assertThat(stragglers.mayBeOne(anna, null)).isTrue();
        assertThat(stragglers.mayBeOne(anna, null)).isTrue();
    }

    private Stragglers stragglers() {
        return new Stragglers(FamiliesFixture.pauses(store));
    }

    private void pausedUntil(Instant end) {
        store.jdbi().useHandle(handle -> handle.createUpdate(
                        "insert into pause (member_id, began_at, ends_at) values (:member, :since, :until)")
                .bind("member", anna.member().value())
                .bind("since", end.minus(Duration.ofHours(4)).atOffset(ZoneOffset.UTC))
                .bind("until", end.atOffset(ZoneOffset.UTC))
                .execute());
    }
}
