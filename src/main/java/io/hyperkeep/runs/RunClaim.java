package io.hyperkeep.runs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * The right to decide what becomes of a run that does not run any more: to restart, recover or abandon it. One process at
 * a time has it, on whatever machine.
 *
 * <p>It is a lock on the run's row, held by an open transaction of a session of its own: the metadata database releases
 * it when that session ends, however it ends, so a process that dies takes no claim with it.
 *
 * <p>Not thread-safe, but may be closed by another thread. Closing twice is harmless.
 */
public final class RunClaim implements AutoCloseable {
    private final Connection connection;

    private RunClaim(Connection connection) {
        this.connection = connection;
    }

    /** Writes the run's row: for everybody else it is locked until this is closed, which is also when it is committed. */
    public RunRecords records(Clock clock) {
        return new RunRecords(JdbcClient.create(new SingleConnectionDataSource(connection, true)), clock);
    }

    /**
     * Claims a run, or answers at once that somebody else has it (or that there is no such run).
     *
     * @throws DataAccessResourceFailureException when the metadata database can not be asked
     */
    public static Optional<RunClaim> take(DataSource metadata, long run) {
        try {
            Connection connection = metadata.getConnection();
            boolean taken = false;
            try {
                connection.setAutoCommit(false);
                taken = lock(connection, run);
                return taken ? Optional.of(new RunClaim(connection)) : Optional.empty();
            } finally {
                if (!taken) {
                    release(connection);
                }
            }
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("cannot claim run " + run, e);
        }
    }

    private static boolean lock(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT RUN_ID FROM RUN WHERE RUN_ID = ? FOR UPDATE SKIP LOCKED")) {
            statement.setLong(1, run);
            try (var row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void release(Connection connection) throws SQLException {
        try (connection) {
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    @Override
    public void close() {
        try {
            if (!connection.isClosed()) {
                release(connection);
            }
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("cannot give up the claim of a run", e);
        }
    }
}
