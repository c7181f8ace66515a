package io.hyperkeep.export;

import io.hyperkeep.database.Query;
import java.sql.Connection;
import java.sql.SQLException;

/** Work inside a savepoint that is rolled back at its end. Thread-safe: it has no state. */
final class Savepoint {
    private Savepoint() {}

    /** What to do inside. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws SQLException;
    }

    /**
     * Does the work, then rolls back, however it ended: the locks that it took are given back, and an error in it does
     * not abort the transaction around it.
     *
     * @param name a plain identifier of ours
     */
    static <T> T within(Connection session, String name, Work<T> work) throws SQLException {
        Query.execute(session, "SAVEPOINT " + name);
        try {
            return work.run();
        } finally {
            if (!session.isClosed()) {
                // released too: savepoints of one name would else nest ever deeper
                Query.execute(session, "ROLLBACK TO SAVEPOINT " + name + "; RELEASE SAVEPOINT " + name);
            }
        }
    }
}
