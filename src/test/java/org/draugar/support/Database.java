package org.draugar.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The databases that Draugar runs on: what is true of one must be true of the other. */
public enum Database {
    H2,
    POSTGRESQL;

    /** One for all tests of this JVM, which ends with it. */
    private static final class Shared {
        static final Optional<Postgres> POSTGRES = Postgres.start();

        static {
            POSTGRES.ifPresent(postgres -> Runtime.getRuntime().addShutdownHook(new Thread(postgres::close)));
        }

        private Shared() {}
    }

    /**
     * The settings of an empty one; where it is not installed, the test is skipped with a plain word.
     *
     * @param folder where the embedded one puts its files
     */
    public Map<String, String> create(Path folder) {
        Map<String, String> settings = new HashMap<>();
        settings.put("DRAUGAR_DATA", folder.toString());
        if (this == POSTGRESQL) {
            settings.putAll(postgres().database(unique()));
        }
        return settings;
    }

    /** The PostgreSQL that the tests of this JVM share. */
    public static Postgres postgres() {
        assumeTrue(Shared.POSTGRES.isPresent(), "PostgreSQL is not installed: it is not tested");
        return Shared.POSTGRES.get();
    }

    private static String unique() {
        return "t" + UUID.randomUUID().toString().replace("-", "");
    }
}
