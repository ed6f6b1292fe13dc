package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.FamiliesFixture;
import org.draugar.family.Family;
import org.draugar.family.FamilyId;
import org.draugar.family.MemberId;
import org.draugar.identity.IdentityFixture;
import org.draugar.settings.Settings;
import org.draugar.store.Store;
import org.draugar.support.Database;
import org.draugar.support.Extent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of positions, on each of the databases. */
@ParameterizedClass
@Execution(ExecutionMode.CONCURRENT)
@EnumSource(Database.class)
class TracksTest {
    /** The beginning of an hour, some days ago. */
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");

    /** More members than are filed in one transaction. */
    private static final int CROWD = 300;

    private static final long FIRST = START.toEpochMilli() * 4096;

    @Parameter
    Database database;

    @TempDir
    Path folder;

    private Map<String, String> environment;
    private Settings settings;
    private Store store;
    private Journal journal;
    private Tracks tracks;
    private Caller anna;
    private Caller bjorn;
    private long offset = FIRST;

    @BeforeEach
    void create() {
        environment = new HashMap<>(database.createWithTables(folder));
        settings = Settings.from(environment::get);
        open();
        anna = IdentityFixture.signUp(store, "Anna");
        bjorn = IdentityFixture.join(store, anna, "Björn");
    }

    private void open() {
        store = new Store(settings);
        journal = new Journal(store);
        journal.start(Thread::new);
        tracks = new Tracks(store, journal, settings);
    }

    @AfterEach
    void close() {
        journal.stop();
        store.close();
    }

    private void restart() {
        close();
        open();
    }

    @Test
    void everyFieldComesBackAsItWent() {
        Report everything =
                new Fix(-89.123456789, 179.987654321, START, 12.5, -3.25, 1.5, 359.75, 0.8125, true, "vehicle", "sos");
        Report little = new Fix(1, 2, START.plusMillis(1), null, null, null, null, null, null, null);
        Report secret = new Encrypted(1, "n".repeat(16), "c".repeat(400), START.plusMillis(2));
        keep(anna, "first", everything);
        keep(anna, null, little);
        keep(anna, "ð", secret);
        restart();
        List<Kept> all = between(anna, false);
        assertThat(all).extracting(Kept::report).containsExactly(everything, little, secret);
        assertThat(all).extracting(Kept::id).containsExactly("first", null, "ð");
        assertThat(all).extracting(Kept::device).containsOnly(anna.device());
    }

    @Test
    void whatWasAcknowledgedIsThereWhetherItWasFiledOrNot() {
        keep(anna, 0, 700);
        tracks.file();
        keep(anna, 700, 700);
        restart();
        assertThat(between(anna, false)).extracting(Kept::offset).isEqualTo(offsets(1, 1400));
        assertThat(tracks.lastOffset()).isEqualTo(FIRST + 1400);
    }

    @Test
    void filesWhatAnEarlierVersionLeftInTheJournal() {
        Pack pack =
                Pack.of(List.of(new Kept(anna.family(), anna.member(), anna.device(), FIRST + 1, "deflated", fix(1))));
        store.jdbi()
                .useHandle(
                        handle -> handle.execute("insert into journal (seq, pack) values (?, ?)", 1L, pack.deflated()));
        restart();
        assertThat(between(anna, false)).extracting(Kept::id).containsExactly("deflated");
    }

    @Test
    void whatIsInBothJournalsAtTheStartIsThereOnceAndInOrder() {
        keep(anna, 0, 20);
        Kept newer = new Kept(anna.family(), anna.member(), anna.device(), ++offset, "newer", fix(20));
        store.jdbi()
                .useHandle(handle -> handle.execute(
                        "insert into journal_other (seq, pack) values (?, ?)",
                        journal.written() + 1,
                        Pack.of(List.of(newer)).plain()));
        restart();
        keep(anna, 21, 20);
        assertThat(after(anna.family(), FIRST, 200))
                .extracting(named -> named.kept().offset())
                .isEqualTo(offsets(1, 41));
        restart();
        assertThat(after(anna.family(), FIRST, 200)).hasSize(41);
    }

    @Test
    void aRowThatIsTheLastOfBothJournalsIsThereOnceAndHidesNone() {
        keep(anna, 0, 3);
        assertThat(journal.written()).isPositive();
        // As when nobody heard that it was stored, and the journal had turned to the other table by the second try.
        store.jdbi()
                .useHandle(handle -> handle.execute("insert into journal_other select seq, pack from journal"
                        + " where seq = (select max(seq) from journal)"));
        restart();
        keep(anna, 3, 1);
        assertThat(after(anna.family(), FIRST, 200))
                .extracting(named -> named.kept().offset())
                .isEqualTo(offsets(1, 4));
    }

    @Test
    void aStreamIsReadPageByPageInItsOrder() {
        await(IntStream.range(0, 3000).mapToObj(i -> append(i % 3 == 0 ? bjorn : anna, "n" + i, fix(i))));
        List<Long> read = new ArrayList<>();
        long since = FIRST + 500;
        while (true) {
            List<Tracks.Named> page = after(anna.family(), since, 200);
            if (page.isEmpty()) {
                break;
            }
            page.forEach(named -> read.add(named.kept().offset()));
            since = read.get(read.size() - 1);
        }
        assertThat(read).isEqualTo(offsets(501, 3000));
        assertThat(after(anna.family(), FIRST + 2999, 200))
                .extracting(Tracks.Named::memberName)
                .containsExactly("Anna");
    }

    @Test
    void whoReadsWhilePositionsComeAndAreFiledMissesNone() {
        int count = Extent.of("TracksTest: positions read while they come and are filed", 5_000, 20_000);
        List<Caller> crowd = crowd();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int first = 0; first < count; first += 50) {
                await(IntStream.range(first, first + 50)
                        .mapToObj(i -> append(crowd.get(i * 7 % CROWD), "n" + i, fix(i))));
            }
        });
        CompletableFuture<Void> filing = CompletableFuture.runAsync(() -> {
            while (!writing.isDone()) {
                tracks.file();
            }
        });
        List<Long> read = new ArrayList<>();
        boolean more = true;
        while (more) {
            more = !writing.isDone();
            long since = read.isEmpty() ? FIRST : read.get(read.size() - 1);
            for (Tracks.Named named : after(anna.family(), since, 200)) {
                read.add(named.kept().offset());
                more = true;
            }
        }
        CompletableFuture.allOf(writing, filing).join();
        assertThat(read).isEqualTo(offsets(1, count));
    }

    @Test
    void whatWasFiledHalfwayIsThereOnce() {
        List<Caller> crowd = crowd();
        Caller last = crowd.get(CROWD - 1);
        for (boolean restarted : new boolean[] {false, true}) {
            keepOfEach(crowd);
            store.jdbi()
                    .useHandle(handle -> handle.execute("alter table track add constraint refused check (member_id <> "
                            + last.member().value() + " or last_offset <= " + (offset - 1) + ")"));
            assertThatThrownBy(tracks::file).as("it breaks a constraint").hasMessageContaining("SQLSTATE 2351");
            assertThat(rows(crowd.get(0))).as("filed before it broke off").isOne();
            store.jdbi().useHandle(handle -> handle.execute("alter table track drop constraint refused"));
            if (restarted) {
                restart();
            }
            keepOfEach(crowd);
            tracks.file();
        }
        assertThat(after(anna.family(), FIRST, 10_000))
                .extracting(named -> named.kept().offset())
                .isEqualTo(offsets(1, 4 * CROWD));
    }

    @Test
    void oneFamilyDoesNotReadAnother() {
        Caller eve = IdentityFixture.signUp(store, "Eve");
        keep(anna, 0, 10);
        keep(eve, 0, 10);
        assertThat(after(eve.family(), 0, 200)).hasSize(10).allSatisfy(named -> assertThat(named.memberName())
                .isEqualTo("Eve"));
        assertThat(tracks.latest(anna.family()))
                .extracting(Tracks.Named::memberName)
                .containsExactly("Anna");
    }

    @Test
    void theLatestIsWhatWasMeasuredLastHoweverLateTheRestCame() {
        keep(anna, 5000, 1);
        keep(anna, 0, 100);
        keep(bjorn, 10, 1);
        assertThat(tracks.latest(anna.family()))
                .extracting(named -> named.memberName() + " "
                        + Duration.between(START, named.kept().report().measuredAt())
                                .toSeconds())
                .containsExactlyInAnyOrder("Anna 5000", "Björn 10");
    }

    @Test
    void aTimeRangeIsReadInEitherOrderWhateverOrderItCameIn() {
        keep(anna, 4000, 4000);
        keep(anna, 0, 4000);
        List<Integer> seconds = IntStream.range(3500, 7300).boxed().toList();
        assertThat(seconds(
                        tracks.between(anna.member(), at(3500), at(7300), false).toList()))
                .isEqualTo(seconds);
        List<Integer> backwards = new ArrayList<>(seconds);
        Collections.reverse(backwards);
        assertThat(seconds(
                        tracks.between(anna.member(), at(3500), at(7300), true).toList()))
                .isEqualTo(backwards);
        assertThat(between(bjorn, true)).isEmpty();
    }

    @Test
    void aFileTakenInTwiceIsThereOnce() {
        keep(anna, 100, 1);
        List<Fix> file = IntStream.range(0, 2000).mapToObj(TracksTest::fix).toList();
        assertThat(tracks.add(anna.family(), anna.member(), anna.device(), file))
                .isEqualTo(1999);
        assertThat(tracks.add(anna.family(), anna.member(), anna.device(), file))
                .isZero();
        assertThat(between(anna, false)).hasSize(2000);
        assertThat(after(anna.family(), FIRST, 200))
                .as("nobody's stream holds what was brought in")
                .hasSize(1);
    }

    @Test
    void positionsOfTheSameMomentAllStayEachWithAPlaceOfItsOwn() {
        List<Fix> file = IntStream.range(0, 1000)
                .mapToObj(i -> new Fix(64 + i / 1e6, -21, at(7), null, null, null, null, null, null, null))
                .toList();
        for (int expected : new int[] {1000, 0}) {
            assertThat(tracks.add(anna.family(), anna.member(), anna.device(), file))
                    .isEqualTo(expected);
        }
        List<Kept> kept = between(anna, false);
        assertThat(kept).hasSize(1000).extracting(Kept::offset).doesNotHaveDuplicates();
        assertThat(kept).extracting(k -> (Fix) k.report()).containsExactlyElementsOf(file);
        assertThat(after(anna.family(), FIRST, 200)).isEmpty();
    }

    @Test
    void deletingTakesExactlyWhatWasAskedFor() {
        keep(anna, 0, 8000);
        keep(bjorn, 0, 10);
        tracks.delete(anna.member(), at(3599), at(7201));
        assertThat(seconds(between(anna, false)))
                .isEqualTo(IntStream.concat(IntStream.range(0, 3599), IntStream.range(7201, 8000))
                        .boxed()
                        .toList());
        assertThat(between(bjorn, false)).hasSize(10);
        store.compact();
        assertThat(between(anna, false)).hasSize(8000 - 3602);
    }

    @Test
    void whatIsOlderThanTheFamilyKeepsIsPruned() {
        Instant now = Instant.now();
        keep(anna, "old", new Fix(1, 1, now.minus(50, ChronoUnit.HOURS), null, null, null, null, null, null, null));
        keep(anna, "new", new Fix(1, 1, now, null, null, null, null, null, null, null));
        assertThat(tracks.prune()).isFalse();
        term(anna.family(), Duration.ofDays(2));
        assertThat(tracks.prune()).isTrue();
        assertThat(tracks.between(anna.member(), Instant.EPOCH, now.plusSeconds(1), false))
                .extracting(Kept::id)
                .containsExactly("new");
        keep(anna, "newer", new Fix(1, 1, now.plusMillis(5), null, null, null, null, null, null, null));
        tracks.file();
        term(anna.family(), Duration.ZERO);
        assertThat(tracks.prune()).isTrue();
        assertThat(tracks.between(anna.member(), Instant.EPOCH, now.plusSeconds(1), false))
                .extracting(Kept::id)
                .containsExactly("newer");
        keep(anna, "newest", new Fix(1, 1, now.plusMillis(6), null, null, null, null, null, null, null));
        assertThat(tracks.between(anna.member(), Instant.EPOCH, now.plusSeconds(1), false))
                .extracting(Kept::id)
                .containsExactly("newest");
    }

    @Test
    void withoutHistoryOnlyTheNewestOfEachStays() {
        environment.put("DRAUGAR_HISTORY", "off");
        settings = Settings.from(environment::get);
        restart();
        await(IntStream.range(0, 2000).mapToObj(i -> append(i % 2 == 0 ? anna : bjorn, "n" + i, fix(i))));
        tracks.file();
        await(Stream.of(append(anna, "hours ago", fix(5)), append(bjorn, "new", fix(20_000))));
        tracks.file();
        assertThat(between(anna, false)).extracting(Kept::id).containsExactly("n1998");
        assertThat(tracks.between(bjorn.member(), START, START.plus(1, ChronoUnit.DAYS), false))
                .extracting(Kept::id)
                .containsExactly("new");
    }

    @Test
    void anIdIsKnownAgainAfterARestart() {
        keep(anna, 0, 2000);
        restart();
        KnownIds known = new KnownIds(tracks, settings);
        for (int second : new int[] {1999, 5, 1000}) {
            assertThat(known.putIfAbsent(anna.member(), "n" + second, at(second), new Fate(), true))
                    .as("number %d", second)
                    .returns(true, fate -> fate.stored().isDone());
        }
        assertThat(known.putIfAbsent(anna.member(), "n2000", at(2000), new Fate(), true))
                .isNull();
        assertThat(known.putIfAbsent(bjorn.member(), "n5", at(5), new Fate(), true))
                .as("somebody else's id")
                .isNull();
    }

    @Test
    void afterABusyHourTheStartLearnsEverybodysIdsAndNobodyWaitsForTheStoreLater() {
        List<Caller> crowd = crowd();
        for (int second = 0; second < 20; second++) {
            keepOfEach(crowd);
        }
        keep(anna, 0, 2000);
        restart();
        KnownIds known = new KnownIds(tracks, settings);
        known.start();
        store.close();
        assertThat(known.putIfAbsent(anna.member(), "n1999", at(1999), new Fate(), true))
                .returns(true, fate -> fate.stored().isDone());
        assertThat(known.putIfAbsent(anna.member(), "n2000", at(2000), new Fate(), true))
                .isNull();
        Instant later = START.plus(1, ChronoUnit.DAYS);
        assertThat(crowd)
                .allSatisfy(member -> assertThat(known.putIfAbsent(member.member(), "first", later, new Fate(), true))
                        .isNull());
    }

    /** Each is removed at another moment of the filing, which is slow when nobody waits for it. */
    @Test
    void whoIsRemovedWhileTheyAreFiledHoldsUpNobody() {
        List<Caller> crowd = crowd();
        Families families = FamiliesFixture.families(store);
        keepOfEach(crowd);
        CompletableFuture<Void> removing = CompletableFuture.runAsync(() -> IntStream.range(0, CROWD / 2)
                .mapToObj(i -> crowd.get(CROWD - 1 - i).member())
                .forEach(member -> families.removeMember(anna.family(), member)));
        while (!removing.isDone()) {
            keepOfEach(crowd.subList(0, CROWD / 2));
            keepOfEach(crowd.subList(CROWD / 2, CROWD));
            tracks.file();
        }
        removing.join();
        tracks.file();
        List<MemberId> left =
                crowd.subList(0, CROWD / 2).stream().map(Caller::member).toList();
        assertThat(tracks.latest(anna.family()))
                .extracting(named -> named.kept().member())
                .containsExactlyInAnyOrderElementsOf(left);
    }

    @Test
    void nothingStaysOfWhoIsRemovedNotEvenWhatCameAfter() {
        keep(bjorn, 0, 10);
        tracks.file();
        FamiliesFixture.families(store).removeMember(anna.family(), bjorn.member());
        keep(bjorn, 10, 10);
        assertThat(between(bjorn, false)).isEmpty();
        assertThat(after(anna.family(), 0, 200)).isEmpty();
        int rows = store.jdbi().withHandle(handle -> handle.createQuery(
                        "select (select count(*) from track) + (select count(*) from journal)"
                                + " + (select count(*) from journal_other)")
                .mapTo(Integer.class)
                .one());
        assertThat(rows).isZero();
    }

    private void term(FamilyId id, Duration term) {
        Families families = FamiliesFixture.families(store);
        Family family = families.family(id);
        families.update(new Family(family.id(), family.name(), Optional.of(term), false));
    }

    private List<Caller> crowd() {
        return IntStream.range(0, CROWD)
                .mapToObj(i -> IdentityFixture.join(store, anna, "Member " + i))
                .toList();
    }

    private int rows(Caller member) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select count(*) from track where member_id = :id")
                .bind("id", member.member().value())
                .mapTo(Integer.class)
                .one());
    }

    private void keepOfEach(List<Caller> members) {
        await(members.stream().map(member -> append(member, null, fix((int) (offset - FIRST)))));
    }

    /** One position a second. */
    private void keep(Caller sender, int firstSecond, int count) {
        await(IntStream.range(firstSecond, firstSecond + count)
                .mapToObj(second -> append(sender, "n" + second, fix(second))));
    }

    private void keep(Caller sender, String id, Report report) {
        await(Stream.of(append(sender, id, report)));
    }

    private static void await(Stream<CompletableFuture<Void>> stored) {
        CompletableFuture.allOf(stored.toArray(CompletableFuture<?>[]::new))
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    private CompletableFuture<Void> append(Caller sender, String id, Report report) {
        CompletableFuture<Void> stored = new CompletableFuture<>();
        journal.reserve(report);
        journal.append(new Kept(sender.family(), sender.member(), sender.device(), ++offset, id, report), stored);
        return stored;
    }

    private List<Kept> between(Caller member, boolean newestFirst) {
        MemberId id = member.member();
        return tracks.between(id, START, START.plus(1, ChronoUnit.DAYS), newestFirst)
                .toList();
    }

    private static Instant at(int second) {
        return START.plusSeconds(second);
    }

    private static Fix fix(int second) {
        return new Fix(64 + second / 100_000.0, -21, at(second), null, null, null, null, null, null, null);
    }

    private static List<Integer> seconds(List<Kept> kept) {
        return kept.stream()
                .map(k -> (int) Duration.between(START, k.report().measuredAt()).toSeconds())
                .toList();
    }

    private static List<Long> offsets(long first, long last) {
        return LongStream.rangeClosed(FIRST + first, FIRST + last).boxed().toList();
    }

    private List<Tracks.Named> after(FamilyId family, long offset, int most) {
        return tracks.after(family, offset, most).orElseThrow().reports();
    }
}
