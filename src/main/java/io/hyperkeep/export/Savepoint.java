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
        T result;
        try {
            result = work.run();
        } catch (SQLException | RuntimeException e) {
            try {
                back(session, name);
            } catch (SQLException lost) {
                // the session is gone, for the same reason most likely; the first failure is the one to tell
                e.addSuppressed(lost);
            }
            throw e;
        }
        back(session, name);
        return result;
    }

    private static void back(Connection session, String name) throws SQLException {
        // released too: savepoints of one name would else nest ever deeper
        Query.execute(session, "ROLLBACK TO SAVEPOINT " + name + "; RELEASE SAVEPOINT " + name);
    }
}
