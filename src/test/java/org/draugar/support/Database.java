package org.draugar.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.draugar.settings.Settings;
import org.draugar.store.Store;

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

    /** As above, with the tables in it: made once for all tests of this JVM, and copied. */
    public Map<String, String> createWithTables(Path folder) {
        Map<String, String> settings = new HashMap<>();
        settings.put("DRAUGAR_DATA", folder.toString());
        if (this == POSTGRESQL) {
            settings.putAll(postgres().database(unique(), Tables.postgres()));
        } else {
            try {
                Files.copy(Tables.H2.resolve(H2_FILE), folder.resolve(H2_FILE));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return settings;
    }

    /**
     * The settings of a store that an earlier version has made, from {@code src/test/resources/stores}.
     *
     * @param version of the tables
     * @param folder where the embedded one puts its files
     */
    public Map<String, String> restore(int version, Path folder) {
        Map<String, String> settings = create(folder);
        String name = "/stores/store-" + version + (this == H2 ? ".mv.db.gz" : ".sql.gz");
        try (InputStream stored = new GZIPInputStream(Database.class.getResourceAsStream(name))) {
            if (this == H2) {
                Files.copy(stored, folder.resolve(H2_FILE));
            } else {
                try (Connection connection = DriverManager.getConnection(
                        settings.get("DRAUGAR_DATABASE_URL"),
                        settings.get("DRAUGAR_DATABASE_USER"),
                        settings.get("DRAUGAR_DATABASE_PASSWORD"))) {
                    connection.createStatement().execute(new String(stored.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return settings;
    }

    private static final String H2_FILE = "draugar.mv.db";

    /** Stores that are up to date and empty. */
    private static final class Tables {
        static final Path H2 = Path.of("target", "tables-" + UUID.randomUUID());
        private static final String POSTGRES = "tables";

        static {
            new Store(Settings.from(Map.of("DRAUGAR_DATA", H2.toString())::get)).close();
            Shared.POSTGRES.ifPresent(postgres -> {
                Map<String, String> settings = new HashMap<>(postgres.database(POSTGRES));
                settings.put("DRAUGAR_DATA", H2.toString());
                new Store(Settings.from(settings::get)).close();
            });
        }

        private Tables() {}

        static String postgres() {
            return POSTGRES;
        }
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
