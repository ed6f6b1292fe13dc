package org.draugar.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.draugar.monitoring.HealthCheck;
import org.junit.jupiter.api.Test;

class HealthTest {
    private String database;
    private String delivery;
    private final AtomicInteger asked = new AtomicInteger();

    private final Health health = new Health(List.<HealthCheck>of(
            () -> {
                asked.incrementAndGet();
                return Optional.ofNullable(database);
            },
            () -> Optional.ofNullable(delivery)));

    @Test
    void aServerThatHasNotLookedYetIsNotWell() {
        assertThat(health.trouble()).isPresent();
    }

    @Test
    void allThatIsWrongIsSaid() {
        health.look();
        assertThat(health.trouble()).isEmpty();
        database = "The database is away.";
        delivery = "Nothing arrives.";
        health.look();
        assertThat(health.trouble()).contains("The database is away. Nothing arrives.");
        database = null;
        health.look();
        assertThat(health.trouble()).contains("Nothing arrives.");
    }

    @Test
    void howeverManyAskTheDatabaseIsAskedOnce() {
        health.look();
        for (int i = 0; i < 100_000; i++) {
            assertThat(health.trouble()).isEmpty();
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void aPartThatFailsToTellIsTrouble() {
        Health broken = new Health(List.<HealthCheck>of(() -> {
            throw new IllegalStateException("planted by this test");
        }));
        broken.look();
        assertThat(broken.trouble()).isPresent();
    }
}
