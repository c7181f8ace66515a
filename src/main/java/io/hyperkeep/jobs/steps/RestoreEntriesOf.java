package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.RestoreArchive;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.Manifest;
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
                attempt.backup().path(),
                Objects.requireNonNull(attempt.plan().manifest().dump()).format(),
                attempt.request().jobs(),
                attempt.request().options().archive().noOwner(),
                attempt.request().cluster().tablespaces());
    }

    /** A client program that knows the target's server, and the archive too. */
    static ClientTool tool(RestoreAttempt attempt, String name) {
        try (Connection connection = attempt.connections().open(attempt.application() + "/version")) {
            int server = Query.one(
                    connection, "SELECT current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
            Manifest manifest = attempt.plan().manifest();
            int archive = Objects.requireNonNull(manifest.dump()).major();
            return new ClientTools(attempt.request().target()).find(name, Math.max(server, archive));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot look at " + attempt.connections().address(), e);
        }
    }
}
