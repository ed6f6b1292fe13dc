package org.draugar.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.draugar.family.Caller;
import org.draugar.family.Families;
import org.draugar.family.FamiliesFixture;
import org.draugar.family.Family;
import org.draugar.family.Member;
import org.draugar.family.Role;
import org.draugar.http.Problem;
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
import software.pando.crypto.nacl.CryptoBox;

/** Who has which key, on each of the databases. */
@ParameterizedClass
@Execution(ExecutionMode.CONCURRENT)
@EnumSource(Database.class)
class GroupKeysTest {
    private static final byte[] PACKAGE = new byte[Wrapped.BYTES];

    @Parameter
    Database database;

    @TempDir
    Path folder;

    private Store store;
    private Families families;
    private GroupKeys keys;
    private Caller anna;
    private Caller bjorn;

    @BeforeEach
    void create() {
        store = new Store(Settings.from(database.createWithTables(folder)::get));
        families = FamiliesFixture.families(store);
        keys = new GroupKeys(store);
        anna = IdentityFixture.signUp(store, "Anna");
        bjorn = IdentityFixture.join(store, anna, "Björn");
    }

    @AfterEach
    void close() {
        // Nothing where the test was left out.
        if (store != null) {
            store.close();
        }
    }

    private static byte[] publicKey(KeyPair pair) {
        byte[] encoded = pair.getPublic().getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - Wrapped.KEY_BYTES, encoded.length);
    }

    private byte[] unwrap(Wrapped wrapped, KeyPair own) {
        byte[] nonce = Arrays.copyOf(wrapped.sealed(), 24);
        byte[] box = Arrays.copyOfRange(wrapped.sealed(), 24, Wrapped.BYTES);
        try (CryptoBox opened = CryptoBox.fromCombined(nonce, box)) {
            return opened.decrypt(own.getPrivate(), CryptoBox.publicKey(wrapped.wrappedBy()));
        }
    }

    private void letServerRead(boolean whether) {
        Family family = families.family(anna.family());
        families.update(new Family(family.id(), family.name(), family.history(), whether));
    }

    @Test
    void ofTwoAdminsWhoMakeAKeyAtOnceOneDoes() throws Exception {
        families.update(
                anna.family(),
                bjorn.member(),
                anna.member(),
                member -> new Member(
                        member.id(),
                        member.name(),
                        Role.ADMIN,
                        member.joinedAt(),
                        member.shownInApps(),
                        member.colour(),
                        member.emoji()));
        Caller alsoAdmin = new Caller(bjorn.family(), bjorn.member(), bjorn.device(), "Björn", Role.ADMIN);
        keys.register(anna, publicKey(CryptoBox.keyPair()));
        keys.register(bjorn, publicKey(CryptoBox.keyPair()));
        List<Callable<Caller>> attempts = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Caller by = i % 2 == 0 ? anna : alsoAdmin;
            attempts.add(() -> {
                keys.put(by, by.member(), PACKAGE, 1, Optional.empty());
                return by;
            });
        }
        List<Caller> done = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (Future<Caller> attempt : threads.invokeAll(attempts)) {
                try {
                    done.add(attempt.get());
                } catch (ExecutionException e) {
                    assertThat(e.getCause())
                            .hasMessage("Only a device that has this version of the group key may wrap it");
                }
            }
        } finally {
            threads.shutdown();
        }
        assertThat(done).hasSize(20).containsOnly(done.get(0));
    }

    @Test
    void theKeysOfAMemberGoWithThem() {
        keys.register(anna, publicKey(CryptoBox.keyPair()));
        keys.register(bjorn, publicKey(CryptoBox.keyPair()));
        keys.put(anna, bjorn.member(), PACKAGE, 1, Optional.empty());

        families.removeMember(anna.family(), bjorn.member());

        assertThat(keys.list(anna.family()).members())
                .extracting(GroupKeys.MemberKey::member)
                .containsExactly(anna.member());
        assertThatThrownBy(() -> keys.put(anna, bjorn.member(), PACKAGE, 1, Optional.empty()))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(404));
        assertThat(count("member_key")).isEqualTo(1);
    }

    @Test
    void theServerWrapsOneKeyForAll() {
        letServerRead(true);
        KeyPair annas = CryptoBox.keyPair();
        KeyPair bjorns = CryptoBox.keyPair();
        keys.register(anna, publicKey(annas));
        keys.register(bjorn, publicKey(bjorns));
        byte[] groupKey = unwrap(keys.get(anna), annas);
        assertThat(groupKey).hasSize(Wrapped.KEY_BYTES).isEqualTo(unwrap(keys.get(bjorn), bjorns));

        KeyPair newPhones = CryptoBox.keyPair();
        keys.register(bjorn, publicKey(newPhones));
        assertThat(unwrap(keys.get(bjorn), newPhones)).isEqualTo(groupKey);

        letServerRead(false);
        letServerRead(true);
        assertThat(unwrap(keys.get(anna), annas)).as("the next one is new").isNotEqualTo(groupKey);
        assertThat(keys.get(anna).version()).isEqualTo(3);
    }

    @Test
    void theServerForgetsItsKey() throws IOException {
        letServerRead(true);
        KeyPair annas = CryptoBox.keyPair();
        keys.register(anna, publicKey(annas));
        byte[] groupKey = unwrap(keys.get(anna), annas);
        letServerRead(false);

        assertThatThrownBy(() -> keys.get(anna)).hasMessageContaining("what is missing is the group key");
        assertThat(count("family where group_key is not null")).isZero();
        assumeTrue(database == Database.H2, "only its file is here to be looked into");
        assertThat(file()).as("or this test would show nothing").contains(latin1(groupKey));
        store.compact();
        assertThat(file()).doesNotContain(latin1(groupKey));
    }

    private int count(String rows) {
        return store.jdbi().withHandle(handle -> handle.createQuery("select count(*) from " + rows)
                .mapTo(Integer.class)
                .one());
    }

    private String file() throws IOException {
        store.sync();
        return latin1(Files.readAllBytes(folder.resolve("draugar.mv.db")));
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
