package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.postgresql.PGConnection;

/**
 * At most one backup or restore of a database at a time, across machines: an advisory lock of a session of its own,
 * which the server releases when that session ends, however it ends.
 *
 * <p>Thread-safe. Whoever acquired it closes it; closing twice is harmless.
 */
public final class DatabaseLock implements AutoCloseable {
    /** "HYKP"; advisory locks are per database already, so the second key is free for other kinds of work. */
    private static final int CLASS = 0x48594b50;

    private static final int WHOLE_DATABASE = 1;
    private static final int ALIVE_SECONDS = 10;

    private final Connections connections;
    private final String applicationName;
    private Connection connection;

    private DatabaseLock(Connections connections, String applicationName, Connection connection) {
        this.connections = connections;
        this.applicationName = applicationName;
        this.connection = connection;
    }

    /**
     * Takes the lock, or fails at once.
     *
     * @param applicationName how others see us in {@code pg_stat_activity} and in the message that they get
     * @throws BackupException LOCKED, naming the session that has it; or as {@link Connections#open(String)}
     */
    public static DatabaseLock acquire(Connections connections, String applicationName) {
        return new DatabaseLock(connections, applicationName, take(connections, applicationName));
    }

    private static Connection take(Connections connections, String applicationName) {
        Connection connection = connections.open(applicationName);
        boolean held = false;
        try (Statement statement = connection.createStatement()) {
            held = one(statement, "SELECT pg_catalog.pg_try_advisory_lock(" + CLASS + ", " + WHOLE_DATABASE + ")");
            if (!held) {
                throw new BackupException(
                        Problem.LOCKED,
                        "database " + connections.address().database() + " is locked by another run"
                                + holder(statement),
                        "wait for it to end, or end it: `hyperkeep runs list`, on the machine that it runs on, names it.");
            }
            return connection;
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot lock database " + connections.address().database(), e);
        } finally {
            if (!held) {
                close(connection);
            }
        }
    }

    /**
     * Makes sure that the lock is ours, and takes it again when its session was lost: for whoever goes on after a
     * connection broke.
     *
     * @throws BackupException LOCKED when somebody else has taken it meanwhile; or as {@link Connections#open(String)}
     */
    public synchronized void keep() {
        if (!held()) {
            close(connection);
            connection = take(connections, applicationName);
        }
    }

    /** Whether the lock is still ours: asks the server, as a broken connection gave the lock away. */
    public synchronized boolean held() {
        try {
            return connection.isValid(ALIVE_SECONDS);
        } catch (SQLException e) {
            return false;
        }
    }

    /** The server process of the session that has the lock. */
    synchronized int backend() throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    @Override
    public synchronized void close() {
        close(connection);
    }

    private static boolean one(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static String holder(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("""
                SELECT a.pid, a.application_name, a.backend_start
                FROM pg_catalog.pg_locks l
                JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
                JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                WHERE l.locktype = 'advisory' AND l.granted
                  AND l.classid = %d AND l.objid = %d AND l.objsubid = 2""".formatted(CLASS, WHOLE_DATABASE))) {
            if (!row.next()) {
                return ""; // it has just been released; the next attempt will have it
            }
            OffsetDateTime since = row.getObject(3, OffsetDateTime.class); // null without pg_read_all_stats
            return ": " + row.getString(2) + ", server process " + row.getInt(1)
                    + (since == null
                            ? ""
                            : ", since "
                                    + DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'")
                                            .format(since.withOffsetSameInstant(ZoneOffset.UTC)));
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // the server releases the lock with the session; nothing is left to do here
        }
    }
}
