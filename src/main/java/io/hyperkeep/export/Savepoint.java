package io.hyperkeep.export;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A savepoint that is rolled back when closed, however its block ended: the locks that were taken in it are given
 * back, and an error in it does not abort the transaction. For one thread.
 */
final class Savepoint implements AutoCloseable {
    private final Connection session;
    private final String name;

    /** @param name a plain identifier of ours */
    Savepoint(Connection session, String name) throws SQLException {
        this.session = session;
        this.name = name;
        execute("SAVEPOINT " + name);
    }

    @Override
    public void close() throws SQLException {
        if (!session.isClosed()) {
            // released too: savepoints of one name would else nest ever deeper
            execute("ROLLBACK TO SAVEPOINT " + name + "; RELEASE SAVEPOINT " + name);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }
}
