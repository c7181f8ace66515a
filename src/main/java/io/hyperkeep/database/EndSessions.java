package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Ends sessions that earlier attempts of ours left behind: a server does not notice that a client was killed or cut off
 * while it waits, builds an index or commits, and goes on. Thread-safe: connections are the callers'.
 */
public final class EndSessions {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private EndSessions() {}

    private record Left(int pid, String name) {}

    /**
     * Ends every session of a run in this database but the caller's own two; for whoever holds the {@link
     * DatabaseLock}, since nobody else may be at work then.
     *
     * @param connection in auto-commit mode
     * @param lock the session with the lock
     * @return names of the sessions that were ended
     * @throws BackupException LOCKED, naming those that can not be ended or do not end within half a minute
     */
    public static List<String> ofRuns(Connection connection, DatabaseLock lock) throws SQLException {
        return end(connection, "application_name ~ '^hyperkeep/[0-9]+/' AND pid <> ?", lock.backend());
    }

    /**
     * Ends the session that this server process was for, so that whatever it did is committed or rolled back when this
     * returns. Does nothing when it has ended.
     *
     * @param connection in auto-commit mode
     * @param backend its server process
     * @param name what its application name begins with, as a process id may be another one's by now
     * @throws BackupException as {@link #ofRuns}
     */
    public static void one(Connection connection, int backend, String name) throws SQLException {
        end(connection, "pid = ? AND starts_with(application_name, ?)", backend, name);
    }

    private static List<String> end(Connection connection, String which, Object... parameters) throws SQLException {
        List<Left> found = left(connection, which, parameters);
        try {
            // all of them first: one may wait for another
            for (Left session : found) {
                Query.list(connection, "SELECT pg_terminate_backend(?)", row -> row.getBoolean(1), session.pid());
            }
            for (Left session : found) {
                Query.list(
                        connection,
                        "SELECT pg_terminate_backend(?, ?)",
                        row -> row.getBoolean(1),
                        session.pid(),
                        PATIENCE.toMillis());
            }
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                throw stays(found, e);
            }
            throw e;
        }
        List<Left> still = left(connection, which, parameters);
        if (!still.isEmpty()) {
            throw stays(still, null);
        }
        return found.stream().map(Left::name).toList();
    }

    private static List<Left> left(Connection connection, String which, Object... parameters) throws SQLException {
        return Query.list(
                connection,
                "SELECT pid, application_name FROM pg_catalog.pg_stat_activity"
                        + " WHERE datname = current_database() AND pid <> pg_backend_pid() AND " + which
                        + " ORDER BY pid",
                row -> new Left(row.getInt(1), row.getString(2)),
                parameters);
    }

    private static BackupException stays(List<Left> sessions, @Nullable SQLException cause) {
        return new BackupException(
                Problem.LOCKED,
                "sessions of an earlier run are still at work in this database: "
                        + sessions.stream()
                                .map(session -> session.name() + ", server process " + session.pid())
                                .collect(Collectors.joining("; ")),
                "wait for them to end, or end them as superuser: "
                        + sessions.stream()
                                .map(session -> "SELECT pg_terminate_backend(" + session.pid() + ");")
                                .collect(Collectors.joining(" ")),
                cause);
    }
}
