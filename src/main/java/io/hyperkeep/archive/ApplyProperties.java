package io.hyperkeep.archive;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.RestrictPsql;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.PropertiesSql;
import io.hyperkeep.storage.StorageErrors;
import io.hyperkeep.verify.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Gives a restored database the owner, settings and rights that its source has as a whole, which pg_restore does only for
 * a database of the same name. The last thing before the restore ends: the settings hold for every session that begins
 * afterwards. Not thread-safe.
 */
public final class ApplyProperties {
    private final ClientTool psql;
    private final Connections target;
    private final String application;
    private final Path script;

    /**
     * @param application what {@code pg_stat_activity} shows
     * @param script the properties as SQL
     */
    public ApplyProperties(ClientTool psql, Connections target, String application, Path script) {
        this.psql = psql;
        this.target = target;
        this.application = application;
        this.script = script;
    }

    /**
     * Applies and compares them, with the role that restores as the owner.
     *
     * @throws BackupException as {@link #run}
     */
    public void ownedByUser(DatabaseProperties source) {
        DatabaseProperties expected = source.ownedBy(user());
        apply(PropertiesSql.of(expected), "the properties", expected);
    }

    private String user() {
        try (Connection connection = target.open(application)) {
            return Query.one(connection, "SELECT current_user", row -> row.getString(1));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }

    /**
     * Applies and compares them.
     *
     * @throws BackupException CLIENT_TOOL when psql fails; DAMAGED when the script holds a command for psql; MISMATCH when they
     *     are not what they were afterwards
     */
    public void run(DatabaseProperties expected) {
        String sql;
        try {
            sql = Files.readString(script);
        } catch (IOException e) {
            throw StorageErrors.reading(script.toString(), e);
        }
        apply(sql, script.toString(), expected);
    }

    private void apply(String sql, String what, DatabaseProperties expected) {
        Path restricted = null;
        try {
            restricted = RestrictPsql.script(sql, what);
            ClientProcess.connected(psql, target, application)
                    .settings(target.withoutLoginTriggers())
                    .arguments("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
                    .arguments("--file=" + restricted)
                    .run();
        } catch (IOException e) {
            throw new BackupException(
                    Problem.STORAGE, "cannot write a temporary file: " + e.getMessage(), "is the disk full?", e);
        } finally {
            RestrictPsql.delete(restricted);
        }
        DatabaseProperties now;
        try (Connection connection = target.open(application)) {
            now = new DiscoverProperties().read(connection);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read the settings of " + target.address(), e);
        }
        List<Finding> findings =
                CompareProperties.run("database " + target.address().database(), expected, now);
        if (!findings.isEmpty()) {
            throw Finding.failure(
                    Problem.MISMATCH,
                    "the settings and rights of database " + target.address().database()
                            + " are not those of the backup",
                    findings,
                    "the schema hyperkeep in it marks it as unfinished; restart the run");
        }
    }
}
