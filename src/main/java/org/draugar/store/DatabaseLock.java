package org.draugar.store;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Keeps a second server from a PostgreSQL that one uses alone: neither would hear of what the other one takes in. It is an
 * advisory lock of a connection of its own, so that it ends with the server, however that ends. Servers of one cluster
 * share it, and one of them holds a second one, as their leader. Thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS">Advisory Locks</a>
 */
final class DatabaseLock implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DatabaseLock.class.getName());

    /** "Drau": what other applications lock is not this. */
    private static final int KEY = 0x44726175;

    private static final int LEADER_KEY = KEY + 1;

    /** Each schema is a store of its own. */
    private static final String SCHEMA = ", hashtext(current_schema())";

    private static final int SECONDS = 5;

    private final PGSimpleDataSource source;
    /** What all servers of a cluster sign with: they know of each other. */
    private static final long CLUSTER = 0;

    private final boolean isShared;
    private final long run;
    private Connection connection;
    /** The process of PostgreSQL that serves the connection. */
    private int backend;

    private boolean closed;
    private volatile boolean lost;
    private volatile boolean leader;

    private DatabaseLock(PGSimpleDataSource source, boolean isShared) throws SQLException {
        this.source = source;
        this.isShared = isShared;
        run = isShared ? CLUSTER : new SecureRandom().nextLong();
        source.setConnectTimeout(SECONDS);
        source.setSocketTimeout(SECONDS);
    }

    /**
     * Takes the lock.
     *
     * @param isShared whether with all others who share it
     * @param patience how long to wait for another server that is just ending
     * @return empty when another server has it
     */
    static Optional<DatabaseLock> take(PGSimpleDataSource source, boolean isShared, Duration patience)
            throws SQLException, InterruptedException {
        DatabaseLock lock = new DatabaseLock(source, isShared);
        long deadline = System.nanoTime() + patience.toNanos();
        while (!lock.tryTake()) {
            if (System.nanoTime() - deadline > 0) {
                return Optional.empty();
            }
            Thread.sleep(200);
        }
        return Optional.of(lock);
    }

    /** Writes down that this run of a server uses the database now: the table is there. */
    synchronized void sign() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("update setup set last_run = ? where id = 1")) {
            statement.setLong(1, run);
            statement.executeUpdate();
        }
    }

    /**
     * Takes the lock again where the connection has broken. To be called every few seconds. Where another server has
     * used the database meanwhile, what this one knows of it is wrong, and stays so.
     */
    synchronized void keep() {
        if (closed || lost) {
            return;
        }
        try {
            if (connection != null && connection.isValid(SECONDS)) {
                leader = leader || tryLock(connection, "pg_try_advisory_lock", LEADER_KEY);
                return;
            }
            lost = tryTake() ? !isSigned() : !endOwn();
            if (lost) {
                leave();
                LOG.log(
                        Level.ERROR,
                        "Another Draugar has taken the database over. This one takes nothing in any more:"
                                + " let only one of them run, and start that one again");
            }
        } catch (SQLException e) {
            // The store does not answer; the next look may find it.
            LOG.log(Level.DEBUG, "The lock of the database could not be looked at", e);
        }
    }

    /** Whether another server has the database now, or has had it meanwhile. */
    boolean isLost() {
        return lost;
    }

    private boolean tryTake() throws SQLException {
        leave();
        Connection fresh = source.getConnection();
        try (Statement statement = fresh.createStatement()) {
            // A server whose machine has died lets go of it within 14 seconds.
            statement.execute("set tcp_keepalives_idle = 5");
            statement.execute("set tcp_keepalives_interval = 3");
            statement.execute("set tcp_keepalives_count = 3");
            if (tryLock(fresh, isShared ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock", KEY)) {
                connection = fresh;
                backend = backend(statement);
                leader = !isShared || tryLock(fresh, "pg_try_advisory_lock", LEADER_KEY);
                return true;
            }
        } finally {
            if (connection != fresh) {
                fresh.close();
            }
        }
        return false;
    }

    private static boolean tryLock(Connection connection, String function, int key) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select " + function + "(" + key + SCHEMA + ")")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static int backend(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /**
     * Where the database hung, it may not have heard yet that this server has left its connection.
     *
     * @return whether it was that, so that the next look finds the lock free
     */
    private boolean endOwn() throws SQLException {
        try (Connection other = source.getConnection();
                Statement statement = other.createStatement();
                ResultSet row = statement.executeQuery("select pg_terminate_backend(pid) from pg_locks"
                        + " where locktype = 'advisory' and granted and pid = " + backend
                        + " and database = (select oid from pg_database where datname = current_database())"
                        + " and classid::bigint = " + KEY)) {
            return row.next();
        }
    }

    private boolean isSigned() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select last_run from setup where id = 1")) {
            return row.next() && row.getLong(1) == run;
        }
    }

    /** Whether this server is the one that does what only one has to do. */
    boolean isLeader() {
        return leader;
    }

    private void leave() {
        leader = false;
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.log(Level.DEBUG, "The connection was broken", e);
            }
            connection = null;
        }
    }

    /** Lets another server have the database. */
    @Override
    public synchronized void close() {
        closed = true;
        leave();
    }
}
