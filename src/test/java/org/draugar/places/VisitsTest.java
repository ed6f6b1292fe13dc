package org.draugar.places;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.FamiliesFixture;
import org.draugar.family.FamilyEvent;
import org.draugar.family.HistoryErased;
import org.draugar.identity.IdentityFixture;
import org.draugar.location.Fix;
import org.draugar.location.LocationFixture;
import org.draugar.location.LocationShared;
import org.draugar.location.PositionsAdded;
import org.draugar.notifications.NotificationsFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.draugar.support.Extent;
import org.draugar.support.Server;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Visits follow the stored positions, whoever makes them and however often: on each of the databases. */
@ParameterizedClass
@EnumSource(Database.class)
class VisitsTest {
    private static final int DAYS = Extent.of("VisitsTest: days on each database", 3, 300);

    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(20);

    @Parameter
    Database database;

    @TempDir
    Path folder;

    private final List<FamilyEvent> facts = new CopyOnWriteArrayList<>();
    private final List<String> watched = new CopyOnWriteArrayList<>();
    private final List<Visits> nodes = new ArrayList<>();
    private Settings settings;
    private Store store;
    private LocationFixture locations;
    private Families families;
    private Places places;
    private Caller anna;

    private final class Watcher implements VisitWatcher {
        @Override
        public void arrived(Handle handle, Visit visit) {
            watched.add("arrived " + visit.arrivedAt());
        }

        @Override
        public void left(Handle handle, Visit visit) {
            watched.add("left " + visit.leftAt().orElseThrow());
        }
    }

    @BeforeEach
    void open() {
        Map<String, String> environment = new HashMap<>(database.createWithTables(folder));
        settings = Settings.from(environment::get);
        store = new Store(settings);
        locations = new LocationFixture(store, settings);
        families = FamiliesFixture.families(store);
        places = new Places(store, NotificationsFixture.nobodyHears());
        anna = IdentityFixture.signUp(store, "Anna");
    }

    /** Another server on the same store, or the same one after a kill. */
    private Visits node() {
        Visits visits = new Visits(
                store,
                places,
                locations.tracks(),
                FamiliesFixture.pauses(store),
                families,
                settings,
                facts::add,
                List.of(new Watcher()));
        nodes.add(visits);
        return visits;
    }

    @AfterEach
    void close() {
        // Nothing where the test was left out.
        if (store != null) {
            nodes.forEach(Visits::stop);
            locations.close();
            store.close();
        }
    }

    private void home() {
        places.add(anna, empty -> empty.with("Home", 10.0, 20.0, 100.0, "home"));
        places.reread();
    }

    private static Fix fix(double latitude, Instant at) {
        return new Fix(latitude, 20, at, 5.0, null, null, null, null, null, null);
    }

    private void share(Visits visits, Fix... fixes) {
        locations.keep(anna, List.of(fixes));
        for (Fix fix : fixes) {
            visits.look(new LocationShared(anna, fix));
        }
    }

    private List<Visits.Told> list(Visits visits) {
        return visits.list(anna.family(), anna.member(), Instant.EPOCH, END);
    }

    @Test
    void oneThatIsKilledBeforeItHasLookedLooksAfterwards() {
        home();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        locations.keep(anna, List.of(fix(10, now.minusSeconds(600)), fix(10.1, now.minusSeconds(300)), fix(10, now)));
        Visits after = node();
        after.sweep(false);
        assertThat(list(after))
                .extracting(Visits.Told::arrivedAt, Visits.Told::leftAt)
                .containsExactly(tuple(now.minusSeconds(600), now.minusSeconds(300)), tuple(now, null));
        List<String> told = List.copyOf(watched);
        Visits again = node();
        again.sweep(false);
        assertThat(list(again)).hasSize(2);
        assertThat(watched).as("again, and nothing twice").isEqualTo(told).hasSize(3);
        assertThat(again.of(anna.family()).get(anna.member()).since()).isEqualTo(now);
    }

    @Test
    void aFewPositionsInHoursAreEnough() {
        home();
        Visits visits = node();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        for (Fix fix : List.of(fix(10, now.minusSeconds(7200)), fix(10.1, now.minusSeconds(3600)), fix(10, now))) {
            share(visits, fix);
            list(visits);
        }
        assertThat(list(visits)).extracting(Visits.Told::arrivedAt).containsExactly(now.minusSeconds(7200), now);
    }

    @Test
    void twoServersMakeEachVisitOnce() throws Exception {
        home();
        Visits one = node();
        Visits other = node();
        one.start(Thread::new);
        other.start(Thread::new);
        Instant start = Instant.now().truncatedTo(ChronoUnit.MILLIS).minusSeconds(3600);
        for (int i = 0; i < 40; i++) {
            share(i % 3 == 0 ? one : other, fix(i % 4 < 2 ? 10 : 10.1, start.plusSeconds(60L * i)));
        }
        Server.await(() -> list(one) + "", SOON, () -> {
            one.reread(Optional.empty());
            one.look(new PositionsAdded(anna.family(), anna.member(), start));
            return list(one).size() == 10;
        });
        assertThat(watched).doesNotHaveDuplicates();
        assertThat(watched).filteredOn(what -> what.startsWith("arrived")).hasSize(10);
    }

    @Test
    void deletedPositionsTakeTheirVisitsAlong() {
        home();
        Visits visits = node();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        share(visits, fix(10, now.minusSeconds(600)), fix(10.1, now.minusSeconds(300)), fix(10, now));
        assertThat(list(visits)).hasSize(2);
        visits.forget(new HistoryErased(anna.family(), anna.member(), Instant.EPOCH, now.minusSeconds(400), true));
        assertThat(list(visits)).hasSize(1);
        visits.forget(new HistoryErased(anna.family(), anna.member(), true));
        assertThat(list(visits)).isEmpty();
        visits.sweep(false);
    }

    @Test
    void everyStayIsOneVisitInWhateverOrderPositionsCome() {
        Random random = Extent.random("VisitsTest on " + database);
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < DAYS; i++) {
            anna = IdentityFixture.signUp(store, "Anna");
            Day day = new Day(
                    random, Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(3 * 24 * 3600));
            Map<String, Place> truth = new HashMap<>();
            for (Place place : day.places) {
                Place made = places.add(
                        anna,
                        empty -> empty.with(
                                place.name(), place.latitude(), place.longitude(), place.radius(), place.icon()));
                truth.put(made.id().toString(), place);
            }
            places.reread();
            Visits visits = node();
            List<Fix> late = new ArrayList<>();
            List<Fix> group = new ArrayList<>();
            for (Day.Reading reading : day.readings) {
                Fix fix = new Fix(
                        reading.latitude(),
                        reading.longitude(),
                        Instant.ofEpochMilli(reading.at()),
                        reading.accuracy(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
                (random.nextInt(10) == 0 ? late : group).add(fix);
                if (group.size() >= 1 + random.nextInt(100)) {
                    share(visits, group.toArray(Fix[]::new));
                    group.clear();
                    if (random.nextInt(3) == 0) {
                        Collections.shuffle(late, random);
                        share(visits, late.toArray(Fix[]::new));
                        late.clear();
                    }
                    if (random.nextInt(3) == 0) {
                        list(visits);
                    }
                }
            }
            share(visits, group.toArray(Fix[]::new));
            share(visits, late.toArray(Fix[]::new));
            day.faults(list(visits).stream()
                            .map(visit -> new StayDetector.Stay(
                                    truth.get(visit.placeId()),
                                    visit.arrivedAt().toEpochMilli(),
                                    visit.leftAt() == null
                                            ? null
                                            : visit.leftAt().toEpochMilli(),
                                    true))
                            .toList())
                    .forEach(faults::add);
        }
        assertThat(faults).as("on %d days", DAYS).isEmpty();
    }
}
