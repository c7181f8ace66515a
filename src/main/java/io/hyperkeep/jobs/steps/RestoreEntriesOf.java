package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.RestoreArchive;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.DatabaseDump;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.function.Consumer;

/** Has pg_restore do one part of an archive. */
public final class RestoreEntriesOf implements Phase<RestoreAttempt> {
    private final Consumer<RestoreArchive> part;

    public RestoreEntriesOf(Consumer<RestoreArchive> part) {
        this.part = part;
    }

    @Override
    public void run(RestoreAttempt attempt) {
        // whatever broke meanwhile may have given the lock away
        attempt.lock().keep();
        part.accept(archive(attempt));
    }

    /** The archive that is restored. */
    static RestoreArchive archive(RestoreAttempt attempt) {
        return new RestoreArchive(
                tool(attempt, "pg_restore"),
                attempt.connections(),
                attempt.application() + "/pg_restore",
                new RestoreArchive.Archive(
                        attempt.backup().path(), dump(attempt).format()),
                new RestoreArchive.How(
                        attempt.request().jobs(),
                        attempt.request().options().archive().noOwner(),
                        attempt.usesTablespaces(),
                        // a program's settings are looked at when it logs in, whatever role it takes then
                        look(
                                attempt,
                                "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user",
                                row -> row.getBoolean(1))));
    }

    /** A client program that knows the target's server, and the archive too. */
    static ClientTool tool(RestoreAttempt attempt, String name) {
        int server = look(attempt, "SELECT current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
        return new ClientTools(attempt.request().target())
                .find(name, Math.max(server, dump(attempt).major()));
    }

    private static DatabaseDump dump(RestoreAttempt attempt) {
        return Objects.requireNonNull(attempt.plan().manifest().dump());
    }

    private static <T> T look(RestoreAttempt attempt, String sql, Query.RowReader<T> row) {
        try (Connection connection = attempt.connections().open(attempt.application() + "/version")) {
            return Query.one(connection, sql, row);
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot look at " + attempt.connections().address(), e);
        }
    }
}
