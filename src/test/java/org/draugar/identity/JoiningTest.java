package org.draugar.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.draugar.family.Caller;
import org.draugar.family.Code;
import org.draugar.family.Families;
import org.draugar.family.FamiliesFixture;
import org.draugar.family.Member;
import org.draugar.family.MemberId;
import org.draugar.family.Role;
import org.draugar.family.WayBack;
import org.draugar.http.Problem;
import org.draugar.identity.ClientAddress.Source;
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

@ParameterizedClass
@Execution(ExecutionMode.CONCURRENT)
@EnumSource(Database.class)
class JoiningTest {
    private static final Code SETUP = new Code("TESTSETUP23");

    @Parameter
    Database database;

    @TempDir
    Path folder;

    private Settings settings;
    private Store store;
    private Families families;
    private Devices devices;
    private Joining joining;

    @BeforeEach
    void create() {
        Map<String, String> values = database.createWithTables(folder);
        values.put("DRAUGAR_SETUP_CODE", SETUP.text());
        settings = Settings.from(values::get);
        open();
    }

    private void open() {
        store = new Store(settings);
        families = FamiliesFixture.families(store);
        devices = new Devices(store, settings);
        joining = new Joining(store, families, devices, settings);
    }

    @AfterEach
    void close() {
        // Nothing where the test was left out.
        if (store != null) {
            store.close();
        }
    }

    @Test
    void theSetupCodeStartsOneFamilyHoweverManyTry() throws Exception {
        List<Object> outcomes = atOnce(50, () -> joining.join(SETUP, "Anna", null));

        assertThat(outcomes)
                .filteredOn(outcome -> ((Optional<?>) outcome).isPresent())
                .hasSize(1);
        assertThat(outcomes).hasSize(50);
        assertThat(joining.setupCode()).isEmpty();
    }

    @Test
    void anInviteLetsOneInHoweverManyTry() throws Exception {
        Caller admin = admin();
        Code code = Code.random();
        families.addInvite(admin, code, Instant.now().plus(Duration.ofHours(1)));

        List<Object> outcomes = atOnce(500, () -> joining.join(code, "Guest", null));

        assertThat(outcomes)
                .filteredOn(outcome -> ((Optional<?>) outcome).isPresent())
                .hasSize(1);
        assertThat(families.members(admin.family())).hasSize(2);
    }

    @Test
    void anExpiredInviteLetsNobodyIn() {
        Caller admin = admin();
        Code code = Code.random();
        families.addInvite(admin, code, Instant.now().minusSeconds(1));

        assertThat(joining.offer(code)).isEmpty();
        assertThat(joining.join(code, "Guest", null)).isEmpty();
    }

    @Test
    void aTokenIsKnownUntilItsDeviceIsRemoved() {
        Token token = new Token(joining.join(SETUP, "Anna", null).orElseThrow().token());
        Caller admin = devices.findCaller(token).orElseThrow();

        assertThat(devices.remove(admin.device())).isTrue();

        assertThat(devices.findCaller(token)).isEmpty();
        assertThat(devices.remove(admin.device())).isFalse();
    }

    @Test
    void aTokenEndsWhenItsDeviceIsNotUsedForTooLong() {
        Token token = new Token(joining.join(SETUP, "Anna", null).orElseThrow().token());
        Caller anna = devices.findCaller(token).orElseThrow();
        usedLast(anna, Duration.ofDays(89));
        assertThat(devices.findCaller(token)).isPresent();
        devices.write(List.of());
        assertThat(devices.unused()).as("it was just used").isEmpty();

        usedLast(anna, Duration.ofDays(91));
        assertThat(devices.findCaller(token)).isEmpty();
        assertThat(devices.unused()).extracting(Devices.Owned::device).containsExactly(anna.device());
        devices.write(List.of(anna.device()));
        assertThat(devices.findCaller(token)).as("a connected one is in use").isPresent();
    }

    private void usedLast(Caller caller, Duration ago) {
        store.jdbi().useHandle(handle -> handle.createUpdate("update device set last_seen_at = :at where id = :id")
                .bind("at", Instant.now().minus(ago).atOffset(ZoneOffset.UTC))
                .bind("id", caller.device().value())
                .execute());
    }

    @Test
    void whenADeviceWasUsedIsKept() {
        Token token = new Token(joining.join(SETUP, "Anna", null).orElseThrow().token());
        Caller anna = devices.findCaller(token).orElseThrow();
        devices.write(List.of());
        usedLast(anna, Duration.ofDays(2));
        devices.findCaller(token);
        assertThat(devices.list(anna.family()).get(0).lastSeenAt())
                .as("known before it is written")
                .isAfter(Instant.now().minusSeconds(60));
        devices.write(List.of());
        store.close();
        open();
        assertThat(devices.list(anna.family()).get(0).lastSeenAt())
                .isAfter(Instant.now().minusSeconds(60));
    }

    @Test
    void theSetupCodeOfLongAgoStartsNoFamilyAgain() {
        Caller anna = admin();
        families.removeMember(anna.family(), anna.member());
        assertThat(joining.join(SETUP, "Eve", null)).isEmpty();
        Code next = joining.setupCode().orElseThrow();
        assertThat(next).isNotEqualTo(SETUP);
        store.close();
        open();
        assertThat(joining.join(SETUP, "Eve", null)).isEmpty();
        assertThat(joining.setupCode())
                .as("after a restart, and on another node")
                .contains(next);
        Joining.Joined again = joining.join(next, "Anna", null).orElseThrow();
        families.removeMember(again.family(), again.member());
        assertThat(joining.join(next, "Eve", null)).as("a code works once").isEmpty();
        assertThat(joining.setupCode().orElseThrow()).isNotEqualTo(next);
    }

    @Test
    void aStolenStoreTellsNoCode() {
        Caller admin = admin();
        Code code = Code.random();
        families.addInvite(admin, code, Instant.now().plusSeconds(60));
        assertThat(code.text()).hasSize(8);
        Families thief = FamiliesFixture.families(store, "another key".getBytes(StandardCharsets.UTF_8));
        assertThat(thief.offer(code)).as("without the key").isEmpty();
        byte[] stored = store.jdbi().withHandle(handle -> handle.createQuery("select code_hash from invite")
                .mapTo(byte[].class)
                .one());
        assertThat(stored).isNotEqualTo(Code.sha256(code.text()));
        assertThat(families.offer(code)).isPresent();
    }

    @Test
    void anInvitationOfAnEarlierVersionStillOpens() {
        Caller admin = admin();
        Code code = new Code("RD6QNMTL5N");
        families.addInvite(admin, Code.random(), Instant.now().plusSeconds(60));
        store.jdbi().useHandle(handle -> handle.createUpdate("update invite set code_hash = :hash, device_id = null")
                .bind("hash", Code.sha256(code.text()))
                .execute());
        assertThat(joining.offer(code)).isPresent();
        assertThat(joining.join(code, "Björn", null)).isPresent();
        assertThat(joining.join(code, "Eve", null)).isEmpty();
    }

    @Test
    void whenAllAreSignedOutACodeBringsEachMemberBackOnce() {
        Caller anna = admin();
        Code open = Code.random();
        families.addInvite(anna, open, Instant.now().plusSeconds(60));
        List<WayBack> ways = families.replaceInvites(Instant.now().plusSeconds(60));
        assertThat(ways).hasSize(1);
        assertThat(joining.offer(open)).isEmpty();
        Joining.Joined back = joining.join(ways.get(0).code(), "Somebody", null).orElseThrow();
        assertThat(back.member()).isEqualTo(anna.member());
        assertThat(back.name()).isEqualTo("Anna");
        assertThat(joining.join(ways.get(0).code(), "Eve", null)).isEmpty();
    }

    @Test
    void neitherTokenNorCodeIsStoredInTheClear() {
        Joining.Joined joined = joining.join(SETUP, "Anna", null).orElseThrow();
        Caller admin = devices.findCaller(joined.token()).orElseThrow();
        Code code = Code.random();
        families.addInvite(admin, code, Instant.now().plusSeconds(60));

        List<String> tables =
                List.of("family", "setup", "member", "device", "invite", "member_key", "position", "track");
        String everything = store.jdbi().withHandle(handle -> tables.stream()
                .flatMap(table -> handle.createQuery("select * from " + table).mapToMap().stream())
                .map(JoiningTest::text)
                .collect(Collectors.joining()));

        assertThat(everything).contains("Anna").doesNotContain(joined.token(), code.text());
    }

    @Test
    void whatWasJoinedSurvivesARestart() {
        Joining.Joined joined = joining.join(SETUP, "Anna", null).orElseThrow();
        store.close();
        open();

        assertThat(devices.findCaller(joined.token())).isPresent();
        assertThat(joining.setupCode()).isEmpty();
    }

    @Test
    void theLastAdminStaysWhileThereAreOthers() {
        Caller admin = admin();
        Code code = Code.random();
        families.addInvite(admin, code, Instant.now().plus(Duration.ofHours(1)));
        MemberId other = joining.join(code, "Björn", null).orElseThrow().member();
        assertThatThrownBy(() -> families.removeMember(admin.family(), admin.member()))
                .hasMessage("The family needs an admin: make somebody else one first");
        assertThat(families.members(admin.family())).hasSize(2);

        families.update(
                admin.family(),
                other,
                admin.member(),
                member -> new Member(
                        member.id(),
                        member.name(),
                        Role.ADMIN,
                        member.joinedAt(),
                        member.shownInApps(),
                        member.colour(),
                        member.emoji()));
        families.removeMember(admin.family(), admin.member());
        families.removeMember(admin.family(), other);
        assertThat(families.isEmpty()).as("the last one takes the family along").isTrue();
    }

    @Test
    void signUpIsClosedUnlessOpened() {
        assertThatThrownBy(() -> joining.signUp("Family", "Anna", null, new Source("192.0.2.1", null)))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(403));
    }

    private static String text(Map<String, Object> row) {
        return row.values().stream()
                .map(value -> value instanceof byte[] bytes
                        ? new String(bytes, StandardCharsets.ISO_8859_1)
                        : String.valueOf(value))
                .collect(Collectors.joining(" "));
    }

    private Caller admin() {
        return devices.findCaller(new Token(
                        joining.join(SETUP, "Anna", null).orElseThrow().token()))
                .orElseThrow();
    }

    /** What each of many simultaneous calls gave: a result or an exception. */
    private static List<Object> atOnce(int count, Callable<?> call) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(32);
        try {
            List<Callable<Object>> calls = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                calls.add(call::call);
            }
            List<Object> outcomes = new ArrayList<>();
            for (Future<Object> future : threads.invokeAll(calls)) {
                try {
                    outcomes.add(future.get());
                } catch (ExecutionException e) {
                    outcomes.add(e.getCause());
                }
            }
            return outcomes;
        } finally {
            threads.shutdown();
        }
    }
}
