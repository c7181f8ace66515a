package io.hyperkeep.archive;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.EventTriggers;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Updates TimescaleDB in a restored database. It has to be the first statement of a session that runs nothing else before:
 * a session that has met the former version refuses. Not thread-safe.
 */
public final class UpdateTimescale {
    private final ClientTool psql;
    private final Connections target;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows */
    public UpdateTimescale(ClientTool psql, Connections target, String application) {
        this.psql = psql;
        this.target = target;
        this.application = application;
    }

    /**
     * Updates it.
     *
     * @param version to which; empty for the server's default
     * @throws BackupException CLIENT_TOOL when the server refuses; SERVER when it is of another version afterwards
     */
    public void to(String version) {
        ClientProcess update = ClientProcess.connected(psql, target, application)
                .settings(target.withoutLoginTriggers())
                .arguments("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
                .arguments("--command=ALTER EXTENSION timescaledb UPDATE"
                        + (version.isEmpty() ? "" : " TO " + Identifiers.literal(version)));
        try (Connection connection = target.open(application)) {
            EventTriggers.without(connection, update::run);
            String expected = version.isEmpty()
                    ? Query.one(
                            connection,
                            "SELECT default_version FROM pg_catalog.pg_available_extensions WHERE name = 'timescaledb'",
                            row -> row.getString(1))
                    : version;
            String now = Query.one(
                    connection,
                    "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'timescaledb'",
                    row -> row.getString(1));
            if (!expected.equals(now)) {
                throw new BackupException(
                        Problem.SERVER,
                        "TimescaleDB is still of version " + now + " after its update to " + expected,
                        "see the server's log; the schema hyperkeep in the database marks it as unfinished");
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }
}
