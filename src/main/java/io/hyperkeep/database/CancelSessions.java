package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import java.sql.Connection;
import java.sql.SQLException;

/** Cancels what sessions of client programs still do after the program was ended: they do not notice while they wait. */
public final class CancelSessions {
    private final Connections target;
    private final String application;

    /** @param application what the name of the session that cancels begins with */
    public CancelSessions(Connections target, String application) {
        this.target = target;
        this.application = application;
    }

    /** Cancels the statements of every session of that name; never fails, as another failure is on its way. */
    public void named(String name) {
        // a connection can not be opened by a thread that was told to stop
        boolean interrupted = Thread.interrupted();
        try (Connection connection = target.open(application + "/cancel")) {
            Query.list(connection, """
                    SELECT pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
                     WHERE datname = current_database() AND usename = current_user
                       AND application_name = left(?, 63) AND pid <> pg_backend_pid()
                    """, row -> row.getBoolean(1), name);
        } catch (SQLException | BackupException e) {
            // then they end by themselves, and the next attempt waits for their locks
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
