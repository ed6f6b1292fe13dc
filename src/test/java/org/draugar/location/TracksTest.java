package org.draugar.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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
import org.draugar.http.Problem;
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

    private static final int CROWD = 300;

    private static final long FIRST = START.toEpochMilli() * 4096;

    @Parameter
    Database database;

    @TempDir
    Path folder;

    private Map<String, String> environment;
    private Settings settings;
    private Store store;
    private PositionStore positions;
    private Tracks tracks;
    private Erasure erasure;
    private Backfill backfill;
    private Compaction compaction;
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
        positions = new PositionStore(store);
        positions.start(Thread::new);
        tracks = new Tracks(store, positions, settings);
        erasure = new Erasure(store, positions, tracks);
        backfill = new Backfill(store, positions);
        compaction = new Compaction(store, positions, erasure);
    }

    @AfterEach
    void close() {
        // Nothing where the test was left out.
        if (positions != null) {
            positions.stop();
            store.close();
        }
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
        List<StoredReport> all = between(anna, false);
        assertThat(all).extracting(StoredReport::report).containsExactly(everything, little, secret);
        assertThat(all).extracting(StoredReport::id).containsExactly("first", null, "ð");
        assertThat(all).extracting(StoredReport::device).containsOnly(anna.device());
    }

    @Test
    void whatWasAcknowledgedIsThereWhetherItWasPackedOrNot() {
        keep(anna, 0, 700);
        compact();
        keep(anna, 700, 700);
        restart();
        assertThat(between(anna, false)).extracting(StoredReport::offset).isEqualTo(offsets(1, 1400));
        assertThat(tracks.lastOffset()).isEqualTo(FIRST + 1400);
    }

    @Test
    void aReportThatComesAgainIsThereOnce() {
        await(Stream.of(append(anna, "twice", fix(1)), append(anna, "twice", fix(1)), append(anna, "other", fix(1))));
        keep(anna, "twice", fix(1));
        assertThat(between(anna, false)).extracting(StoredReport::offset).isEqualTo(List.of(FIRST + 1, FIRST + 3));
        assertThat(positions.waiting()).isZero();
    }

    @Test
    void whatCannotBeKeptHoldsUpNobodyElse() {
        FamiliesFixture.families(store).removeMember(anna.family(), bjorn.member());
        Fix unprintable = new Fix(1, 2, at(500), null, null, null, null, null, null, "a\0b");
        List<CompletableFuture<Void>> all = new ArrayList<>(IntStream.range(0, 300)
                .mapToObj(i -> append(anna, "n" + i, fix(i)))
                .toList());
        all.addAll(51, List.of(append(bjorn, "gone", fix(51)), append(bjorn, "gone too", fix(52))));
        CompletableFuture<Void> refused = append(anna, "refused", unprintable);
        await(all.stream());
        refused.handle((done, failure) -> failure).join();
        assertThat(refused.isCompletedExceptionally())
                .as("PostgreSQL keeps no text with a zero in it")
                .isEqualTo(database == Database.POSTGRESQL);
        assertThat(between(anna, false)).hasSize(database == Database.POSTGRESQL ? 300 : 301);
        assertThat(between(bjorn, false)).isEmpty();
        assertThat(positions.waiting()).isZero();
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
    void whoReadsWhilePositionsComeAndArePackedMissesNone() {
        int count = Extent.of("TracksTest: positions read while they come and are packed", 5_000, 20_000);
        List<Caller> crowd = crowd();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int first = 0; first < count; first += 50) {
                await(IntStream.range(first, first + 50)
                        .mapToObj(i -> append(crowd.get(i * 7 % CROWD), "n" + i, fix(i))));
            }
        });
        CompletableFuture<Void> packing = CompletableFuture.runAsync(() -> {
            while (!writing.isDone()) {
                compact();
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
        CompletableFuture.allOf(writing, packing).join();
        assertThat(read).isEqualTo(offsets(1, count));
    }

    @Test
    void whatWasPackedHalfwayIsThereOnce() {
        List<Caller> crowd = crowd();
        Caller last = crowd.stream()
                .max(Comparator.comparingLong(caller -> caller.member().value()))
                .orElseThrow();
        for (boolean restarted : new boolean[] {false, true}) {
            keepOfEach(crowd);
            store.jdbi()
                    .useHandle(handle -> handle.execute("alter table track add constraint refused check (member_id <> "
                            + last.member().value() + " or last_offset <= " + (offset - CROWD) + ")"));
            assertThatThrownBy(this::compact).as("it breaks a constraint").hasMessageContaining("SQLSTATE 2351");
            store.jdbi().useHandle(handle -> handle.execute("alter table track drop constraint refused"));
            assertThat(rows("position")).as("packed, but for the last one").isOne();
            if (restarted) {
                restart();
            }
            keepOfEach(crowd);
            compact();
        }
        assertThat(rows("position")).isZero();
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
        assertThat(backfill.add(anna.family(), anna.member(), anna.device(), file))
                .isEqualTo(1999);
        assertThat(backfill.add(anna.family(), anna.member(), anna.device(), file))
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
            assertThat(backfill.add(anna.family(), anna.member(), anna.device(), file))
                    .isEqualTo(expected);
        }
        List<StoredReport> kept = between(anna, false);
        assertThat(kept).hasSize(1000).extracting(StoredReport::offset).doesNotHaveDuplicates();
        assertThat(kept).extracting(k -> (Fix) k.report()).containsExactlyElementsOf(file);
        assertThat(after(anna.family(), FIRST, 200)).isEmpty();
    }

    @Test
    void deletingTakesExactlyWhatWasAskedFor() {
        keep(anna, 0, 8000);
        keep(bjorn, 0, 10);
        erasure.delete(anna.member(), at(3599), at(7201));
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
        assertThat(erasure.prune()).isFalse();
        term(anna.family(), Duration.ofDays(2));
        assertThat(erasure.prune()).isTrue();
        assertThat(tracks.between(anna.member(), Instant.EPOCH, now.plusSeconds(1), false))
                .extracting(StoredReport::id)
                .containsExactly("new");
        keep(anna, "newer", new Fix(1, 1, now.plusMillis(5), null, null, null, null, null, null, null));
        compact();
        term(anna.family(), Duration.ZERO);
        assertThat(erasure.prune()).isTrue();
        assertThat(tracks.between(anna.member(), Instant.EPOCH, now.plusSeconds(1), false))
                .extracting(StoredReport::id)
                .containsExactly("newer");
        keep(anna, "newest", new Fix(1, 1, now.plusMillis(6), null, null, null, null, null, null, null));
        assertThat(tracks.between(anna.member(), Instant.EPOCH, now.plusSeconds(1), false))
                .extracting(StoredReport::id)
                .containsExactly("newest");
    }

    @Test
    void withoutHistoryOnlyTheNewestOfEachStays() {
        environment.put("DRAUGAR_HISTORY", "off");
        settings = Settings.from(environment::get);
        restart();
        await(IntStream.range(0, 2000).mapToObj(i -> append(i % 2 == 0 ? anna : bjorn, "n" + i, fix(i))));
        compact();
        await(Stream.of(append(anna, "hours ago", fix(5)), append(bjorn, "new", fix(20_000))));
        compact();
        assertThat(between(anna, false)).extracting(StoredReport::id).containsExactly("n1998");
        assertThat(tracks.between(bjorn.member(), START, START.plus(1, ChronoUnit.DAYS), false))
                .extracting(StoredReport::id)
                .containsExactly("new");
    }

    @Test
    void anIdIsKnownAgainAfterARestart() {
        keep(anna, 0, 2000);
        restart();
        KnownIds known = new KnownIds(tracks, settings);
        for (int second : new int[] {1999, 5, 1000}) {
            assertThat(known.putIfAbsent(anna.member(), "n" + second, at(second), new PendingReport(), true))
                    .as("number %d", second)
                    .returns(true, fate -> fate.stored().isDone());
        }
        assertThat(known.putIfAbsent(anna.member(), "n2000", at(2000), new PendingReport(), true))
                .isNull();
        assertThat(known.putIfAbsent(bjorn.member(), "n5", at(5), new PendingReport(), true))
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
        assertThat(known.putIfAbsent(anna.member(), "n1999", at(1999), new PendingReport(), true))
                .returns(true, fate -> fate.stored().isDone());
        assertThat(known.putIfAbsent(anna.member(), "n2000", at(2000), new PendingReport(), true))
                .isNull();
        Instant later = START.plus(1, ChronoUnit.DAYS);
        assertThat(crowd).allSatisfy(member -> assertThat(
                        known.putIfAbsent(member.member(), "first", later, new PendingReport(), true))
                .isNull());
    }

    /** An alarm without a place takes the newest that can be read. */
    @Test
    void theLastPositionThatCanBeReadIsFoundBelowEncryptedOnes() {
        Fix fix = fix(1);
        keep(anna, null, fix);
        keep(anna, null, new Encrypted(1, "n".repeat(16), "c".repeat(400), at(2)));
        assertThat(tracks.lastFix(anna.member())).contains(fix);
        compact();
        assertThat(tracks.lastFix(anna.member())).contains(fix);
        keep(anna, null, new Encrypted(1, "n".repeat(16), "c".repeat(400), at(3)));
        compact();
        assertThat(tracks.lastFix(anna.member())).contains(fix);
    }

    /** Else whoever deletes nothing, again and again, could send without end. */
    @Test
    void whoseHistoryIsDeletedMaySendNoMoreThanBefore() {
        KnownIds known = new KnownIds(tracks, settings);
        known.start();
        keep(anna, "first", fix(0));
        int most = 500 * settings.positionsPerSecond();
        assertThatThrownBy(() -> {
                    for (int i = 1; i <= 2 * most; i++) {
                        known.putIfAbsent(anna.member(), null, at(i), new PendingReport(), true);
                    }
                })
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(429));
        known.relearn(anna.member());
        int more = 0;
        try {
            for (; more < most; more++) {
                known.putIfAbsent(anna.member(), null, at(most + more), new PendingReport(), true);
            }
        } catch (Problem e) {
            assertThat(e.status()).isEqualTo(429);
        }
        assertThat(more).isLessThan(most / 2);
    }

    @Test
    void anHourHoldsWhatAMemberMaySendInIt() {
        environment.put("DRAUGAR_POSITIONS_PER_SECOND", "1000");
        KnownIds known = new KnownIds(tracks, Settings.from(environment::get));
        known.start();
        for (int i = 0; i <= 110_000; i++) {
            assertThat(known.putIfAbsent(
                            anna.member(), null, START.plus(20L * i, ChronoUnit.MILLIS), new PendingReport(), true))
                    .isNull();
        }
    }

    /** Each is removed at another moment of the packing, which is slow. */
    @Test
    void whoIsRemovedWhileTheyArePackedHoldsUpNobody() {
        List<Caller> crowd = crowd();
        Families families = FamiliesFixture.families(store);
        keepOfEach(crowd);
        CompletableFuture<Void> removing = CompletableFuture.runAsync(() -> IntStream.range(0, CROWD / 2)
                .mapToObj(i -> crowd.get(CROWD - 1 - i).member())
                .forEach(member -> families.removeMember(anna.family(), member)));
        while (!removing.isDone()) {
            keepOfEach(crowd.subList(0, CROWD / 2));
            keepOfEach(crowd.subList(CROWD / 2, CROWD));
            compact();
        }
        removing.join();
        compact();
        List<MemberId> left =
                crowd.subList(0, CROWD / 2).stream().map(Caller::member).toList();
        assertThat(tracks.latest(anna.family()))
                .extracting(named -> named.kept().member())
                .containsExactlyInAnyOrderElementsOf(left);
    }

    @Test
    void nothingStaysOfWhoIsRemovedNotEvenWhatCameAfter() {
        keep(bjorn, 0, 10);
        compact();
        FamiliesFixture.families(store).removeMember(anna.family(), bjorn.member());
        keep(bjorn, 10, 10);
        assertThat(between(bjorn, false)).isEmpty();
        assertThat(after(anna.family(), 0, 200)).isEmpty();
        assertThat(rows("track") + rows("position")).isZero();
    }

    private void compact() {
        compaction.run(Optional.of(Duration.ZERO));
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

    private int rows(String table) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select count(*) from " + table)
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
        positions.reserve(report);
        positions.append(
                new StoredReport(sender.family(), sender.member(), sender.device(), ++offset, id, report), stored);
        return stored;
    }

    private List<StoredReport> between(Caller member, boolean newestFirst) {
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

    private static List<Integer> seconds(List<StoredReport> kept) {
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
