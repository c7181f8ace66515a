package io.hyperkeep.archive;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.schema.PropertiesSql;
import io.hyperkeep.verify.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        Path sql = null;
        try {
            sql = Files.createTempFile("hyperkeep-", ".sql");
            Files.writeString(sql, PropertiesSql.of(expected));
            apply(sql, expected);
        } catch (IOException e) {
            throw new BackupException(Problem.STORAGE, "cannot write " + sql + ": " + e.getMessage(), null, e);
        } finally {
            delete(sql);
        }
    }

    private String user() {
        try (Connection connection = target.open(application)) {
            return Query.one(connection, "SELECT current_user", row -> row.getString(1));
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }

    private static void delete(@Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit();
            }
        }
    }

    /**
     * Applies and compares them.
     *
     * @throws BackupException CLIENT_TOOL when psql fails; MISMATCH when they are not what they were afterwards
     */
    public void run(DatabaseProperties expected) {
        apply(script, expected);
    }

    private void apply(Path sql, DatabaseProperties expected) {
        ClientProcess.connected(psql, target, application)
                .settings(target.withoutLoginTriggers())
                .arguments("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
                .arguments("--file=" + sql)
                .run();
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
