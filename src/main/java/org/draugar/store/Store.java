package org.draugar.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import javax.sql.DataSource;
import org.draugar.monitoring.HealthCheck;
import org.draugar.settings.Settings;
import org.draugar.settings.UnusableSetting;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The one database: an embedded H2 in a folder, or a PostgreSQL.
 *
 * <p>Both speak the same SQL here, H2 in its PostgreSQL mode, so that every repository is written once.
 * Thread-safe.
 */
@Singleton
public final class Store implements HealthCheck {
    private static final Logger LOG = System.getLogger(Store.class.getName());
    /** What the migrations have made. */
    static final List<String> TABLES = List.of(
            "family",
            "setup",
            "member",
            "device",
            "invite",
            "journal",
            "journal_other",
            "track",
            "position",
            "pause",
            "member_key",
            "tracker",
            "place",
            "visit",
            "visit_version",
            "alert",
            "battery_low",
            "sos",
            "sos_acknowledged",
            "sos_off",
            "check_in",
            "locate_request",
            "webhook",
            "audit_log",
            "alarm",
            "notification",
            "notification_channel",
            "notification_delivery",
            "address_code",
            "push_key");

    /** "Database may be already in use". */
    private static final int H2_IN_USE = 90020;
    /** Another server may be just ending. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** Requests wait so long for the embedded store to be compacted. */
    private static final int MAX_SECONDS = 20;
    /** Compacting waits so long for the requests that are under way. */
    private static final int QUIET_SECONDS = 5;

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    /** Keeps other servers from a PostgreSQL; H2 does so by itself. */
    private final Optional<DatabaseLock> lock;

    /** Held for reading by each thread with a connection, and for writing while the embedded store is written anew. */
    private final ReentrantReadWriteLock door = new ReentrantReadWriteLock();

    private final boolean embedded;
    private final DataFolder folder;

    /**
     * Opens the database and brings its schema up to date.
     *
     * @throws UnusableSetting when it cannot be opened; the message says why, for people
     */
    @Inject
    public Store(Settings settings) {
        this(settings, PATIENCE);
    }

    /** @param patience how long to wait for another server that is just ending */
    Store(Settings settings, Duration patience) {
        this(settings, patience, settings.cluster().isPresent());
    }

    /**
     * @param patience how long to wait for another server that is just ending
     * @param shared whether the other servers of a cluster use the database too
     */
    Store(Settings settings, Duration patience, boolean shared) {
        embedded = settings.databaseUrl().isEmpty();
        folder = new DataFolder(settings.data());
        pool = open(settings, folder);
        try {
            lock = embedded ? Optional.empty() : Optional.of(lock(settings, shared, patience));
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
        try {
            if (embedded) {
                requireOwnH2();
                folder.deleteUnfinishedBackups();
            }
            Flyway.configure(Store.class.getClassLoader())
                    .dataSource(pool)
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
            if (lock.isPresent()) {
                lock.get().sign();
            }
        } catch (RuntimeException | SQLException | IOException e) {
            close();
            throw new IllegalStateException("The store could not be brought up to date: " + e.getMessage(), e);
        }
        jdbi = Jdbi.create(new Connections());
        jdbi.getConfig(SqlStatements.class).addExceptionHandler(StatementFailed::check);
        // By itself it lists what is bound.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
    }

    /** The way to run SQL. */
    public Jdbi jdbi() {
        return jdbi;
    }

    /**
     * Makes what was committed survive a power cut. PostgreSQL does so with each commit; H2 hands a commit to the
     * operating system and leaves the rest to this.
     */
    public void sync() {
        if (embedded) {
            jdbi.useHandle(handle -> handle.execute("checkpoint sync"));
        }
    }

    /**
     * Gives the space of deleted rows back, so that what was deleted cannot be read from the disk any more. Requests
     * that need the database wait meanwhile, for {@value #MAX_SECONDS} seconds at most; nobody live does.
     *
     * @return whether it has been done; where not, the log says why
     */
    public synchronized boolean compact() {
        try {
            if (embedded) {
                writeAnew();
            } else {
                jdbi.useHandle(Store::vacuum);
            }
            return true;
        } catch (RuntimeException | SQLException e) {
            LOG.log(Level.WARNING, "The store could not be compacted now: {0}", e.getMessage());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** One table after the other, and none that is not Draugar's: each is locked while it is written anew. */
    private static void vacuum(Handle handle) {
        // Everybody would wait behind this for whoever reads a table for long, as pg_dump does.
        handle.execute("set lock_timeout = '2s'");
        try {
            TABLES.forEach(table -> handle.execute("vacuum full " + table));
        } finally {
            handle.execute("reset lock_timeout");
        }
    }

    /** H2 can move its pages together while it is open, but leaves old bytes between them. */
    private void writeAnew() throws SQLException, InterruptedException {
        if (!door.writeLock().tryLock(QUIET_SECONDS, TimeUnit.SECONDS)) {
            throw new SQLTimeoutException("it is busy");
        }
        HikariPoolMXBean connections = pool.getHikariPoolMXBean();
        try {
            // The pool would open the files again by itself.
            connections.suspendPool();
            try (Connection last = pool.getDataSource().getConnection();
                    Statement statement = last.createStatement()) {
                statement.execute("shutdown compact");
            } finally {
                connections.softEvictConnections();
                // Whoever has waited shall not wait for the files to be opened too.
                pool.getDataSource().getConnection().close();
                folder.restrictFiles();
            }
        } finally {
            connections.resumePool();
            door.writeLock().unlock();
        }
    }

    /** The pool's connections, for those who come through the door. */
    private final class Connections implements ConnectionFactory {
        @Override
        public Connection openConnection() throws SQLException {
            if (isTakenOver()) {
                throw new SQLException("Another Draugar has taken the database over");
            }
            try {
                if (!door.readLock().tryLock(MAX_SECONDS, TimeUnit.SECONDS)) {
                    throw new SQLTimeoutException("The store is being compacted");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLTimeoutException("The server stops", e);
            }
            Connection connection = null;
            try {
                connection = pool.getConnection();
                return connection;
            } finally {
                if (connection == null) {
                    door.readLock().unlock();
                }
            }
        }

        @Override
        public void closeConnection(Connection connection) throws SQLException {
            try {
                connection.close();
            } finally {
                door.readLock().unlock();
            }
        }
    }

    /** Whether the store is the embedded one. */
    public boolean isEmbedded() {
        return embedded;
    }

    /** A consistent copy of the embedded store as it is now: a ZIP in the data folder, to be deleted by the caller. */
    public Path backup() {
        try {
            Path copy = folder.backup();
            try {
                jdbi.useHandle(handle -> handle.execute("backup to ?", copy.toString()));
                return copy;
            } catch (RuntimeException e) {
                Files.delete(copy);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the database answers within some seconds, and is still this server's. */
    @Override
    public Optional<String> trouble() {
        if (isTakenOver()) {
            return Optional.of("Another Draugar has taken the database over, and this one takes nothing in any more:"
                    + " let only one of them run, and start that one again.");
        }
        return answers()
                ? Optional.empty()
                : Optional.of("The database does not answer; positions wait until it does.");
    }

    /** Whether the database answers within two seconds. */
    boolean answers() {
        try {
            return jdbi.withHandle(handle -> handle.getConnection().isValid(2));
        } catch (SQLException | JdbiException e) {
            return false;
        }
    }

    /** Looks whether the database is still this server's. To be called every few seconds. */
    public void keep() {
        lock.ifPresent(DatabaseLock::keep);
    }

    /** Whether another server has the database now: then nothing is read or written here any more. */
    public boolean isTakenOver() {
        return lock.isPresent() && lock.get().isLost();
    }

    /**
     * Whether this server does what one of several on the database has to do, such as moving old positions. When the
     * leader is lost another one follows within seconds; for as long there may be two, or none.
     */
    public boolean isLeader() {
        return lock.map(DatabaseLock::isLeader).orElse(true);
    }

    /** Closes the database. */
    public void close() {
        // The pool first: who still asked it after the shutdown would open the files again, for good.
        pool.close();
        lock.ifPresent(DatabaseLock::close);
        if (embedded) {
            try (Connection last = pool.getDataSource().getConnection();
                    Statement statement = last.createStatement()) {
                statement.execute("shutdown");
            } catch (SQLException e) {
                LOG.log(Level.WARNING, "The store could not be closed: {0}", e.getMessage());
            }
        }
    }

    /**
     * Drivers register themselves with the JVM's DriverManager, which would keep this class loader for ever: to be
     * called when no store is opened here any more.
     */
    public static void deregisterDrivers() {
        for (Driver driver : Collections.list(DriverManager.getDrivers())) {
            if (driver.getClass().getClassLoader() == Store.class.getClassLoader()) {
                try {
                    DriverManager.deregisterDriver(driver);
                } catch (SQLException e) {
                    LOG.log(Level.WARNING, "A database driver could not be deregistered", e);
                }
            }
        }
    }

    private static HikariDataSource open(Settings settings, DataFolder folder) {
        boolean embedded = settings.databaseUrl().isEmpty();
        try {
            return new HikariDataSource(pool(embedded ? h2(folder) : postgres(settings)));
        } catch (RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            UnusableSetting unusable = embedded
                    ? new UnusableSetting(
                            "DRAUGAR_DATA",
                            isInUse(e)
                                    ? "a folder that no other server uses, so stop that one first"
                                    : "a folder that this server can write to",
                            settings.data().toString())
                    : new UnusableSetting("DRAUGAR_DATABASE_URL", "a PostgreSQL that lets us in", cause.getMessage());
            // Not as its cause: containers tell the first cause of all, and this is the one for people.
            unusable.addSuppressed(e);
            throw unusable;
        }
    }

    private static boolean isInUse(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == H2_IN_USE) {
                return true;
            }
        }
        return false;
    }

    private static DatabaseLock lock(Settings settings, boolean shared, Duration patience) {
        try {
            return DatabaseLock.take(postgres(settings), shared, patience)
                    .orElseThrow(() -> settings.cluster().isPresent()
                            ? new UnusableSetting(
                                    "DRAUGAR_CLUSTER",
                                    "every Draugar of this database to have it, so stop the one that runs without",
                                    null)
                            : new UnusableSetting(
                                    "DRAUGAR_DATABASE_URL",
                                    "a database that no other Draugar uses right now, so stop that one first; or give both DRAUGAR_CLUSTER",
                                    null));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The server stops", e);
        } catch (SQLException e) {
            throw new IllegalStateException("The store could not be locked: " + e.getMessage(), e);
        }
    }

    private static HikariConfig pool(DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("draugar");
        config.setDataSource(source);
        config.setMaximumPoolSize(8);
        config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(5));
        config.setAutoCommit(true);
        config.setAllowPoolSuspension(true);
        return config;
    }

    private static DataSource h2(DataFolder folder) {
        try {
            folder.prepare();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        JdbcDataSource source = new JdbcDataSource();
        // WRITE_DELAY=0: a commit reaches the file before it returns. By default H2 holds it back for half a
        // second, and what was acknowledged meanwhile is lost when the process is killed. RETENTION_TIME: space of
        // old data is used again after 5 s, not 45; the file stays small, and every batch is synced anyway.
        // ANALYZE_AUTO: to estimate what a table holds, H2 reads 10,000 rows of it in the middle of somebody's commit.
        // CACHE_SIZE, in KB: of the 32 MB that H2 takes by itself most is what was just written and is not read again,
        // and the collector has all of it to copy.
        source.setURL("jdbc:h2:file:" + folder.database()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
                + ";WRITE_DELAY=0;RETENTION_TIME=5000;ANALYZE_AUTO=0;CACHE_SIZE=4096"
                + ";LOCK_TIMEOUT=10000;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE");
        return source;
    }

    private static PGSimpleDataSource postgres(Settings settings) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL(settings.databaseUrl().orElseThrow());
        // A detail such as "Failing row contains (…)" would end in the log.
        source.setLogServerErrorDetail(false);
        // A batch goes as few statements with many rows each.
        source.setReWriteBatchedInserts(true);
        if (!settings.databaseUser().isEmpty()) {
            source.setUser(settings.databaseUser());
        }
        if (!settings.databasePassword().isEmpty()) {
            source.setPassword(settings.databasePassword());
        }
        return source;
    }

    /**
     * Servers bundle an H2 of their own, an older one that loses acknowledged writes. Class loading decides which
     * one wins, so look, rather than hope.
     */
    private void requireOwnH2() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            var meta = connection.getMetaData();
            int major = meta.getDatabaseMajorVersion();
            int minor = meta.getDatabaseMinorVersion();
            if (major < 2 || (major == 2 && minor < 4)) {
                throw new IllegalStateException("this server puts its own H2 " + meta.getDatabaseProductVersion()
                        + " before Draugar's 2.4: deploy the WAR with its own class loader first");
            }
        }
    }
}
