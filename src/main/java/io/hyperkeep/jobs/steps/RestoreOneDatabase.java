package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.ApplyProperties;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.ClusterRestoreAttempt;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.BackupFolder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restores one database of a cluster, unless an earlier attempt did. One that can not be keeps nobody from the others. */
public final class RestoreOneDatabase {
    private static final Logger log = LoggerFactory.getLogger(RestoreOneDatabase.class);

    private final RunRecords records;

    public RestoreOneDatabase(RunRecords records) {
        this.records = records;
    }

    /**
     * Restores it.
     *
     * @param unit one of the attempt's units
     */
    public void run(ClusterRestoreAttempt attempt, String unit) {
        Cluster.Database database = attempt.databases().get(unit);
        if (database == null) {
            throw new IllegalStateException("no unit " + unit + " was planned");
        }
        records.unitStarted(attempt.run(), unit);
        try {
            Connections itself = attempt.connections().withDatabase(database.name());
            RunOutcome outcome = isDone(attempt, database, itself) ? null : restore(attempt, database, itself);
            properties(attempt, database, itself);
            Totals totals = Objects.requireNonNull(database.totals(), "it was backed up");
            attempt.restored(unit, totals, outcome == null ? null : outcome.jobs());
            records.unitDone(attempt.run(), unit, 1, totals.rows(), totals.bytes(), database);
        } catch (BackupException e) {
            records.unitFailed(attempt.run(), unit, 1, e.text());
            if (attempt.isStopping()) {
                throw e;
            }
            log.warn("database {} could not be restored: {}", database.name(), e.text());
            attempt.notRestored(unit, String.valueOf(e.getMessage()));
        }
    }

    /** Whether an earlier attempt restored it, and nobody dropped it since. */
    private static boolean isDone(ClusterRestoreAttempt attempt, Cluster.Database database, Connections itself) {
        if (attempt.parts().done(attempt, database.name()).isEmpty()) {
            return false;
        }
        boolean there;
        try (Connection connection = attempt.connections().open(attempt.application() + "/databases")) {
            there = Query.one(
                    connection,
                    "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = ?)",
                    row -> row.getBoolean(1),
                    database.name());
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at the server of " + itself.address(), e);
        }
        if (there) {
            log.info("database {} was restored by an earlier attempt", database.name());
        }
        return there;
    }

    private static @Nullable RunOutcome restore(
            ClusterRestoreAttempt attempt, Cluster.Database database, Connections itself) {
        BackupFolder backup = attempt.backup().part(String.valueOf(database.backup()));
        DatabaseSettings server = attempt.request().target();
        RunOutcome outcome = attempt.parts()
                .restore(
                        attempt,
                        attempt.request()
                                .ofOneDatabase(
                                        backup.path(),
                                        new DatabaseSettings(
                                                database.name(),
                                                itself.address(),
                                                server.password(),
                                                server.clientTools())));
        attempt.warn(outcome.warnings().stream()
                .map(warning -> new Warning(warning.code(), "database " + database.name() + ": " + warning.text()))
                .toList());
        if (outcome.failure() != null) {
            throw outcome.failure();
        }
        return outcome;
    }

    /** An archive brings its own; tables do not. */
    private static void properties(ClusterRestoreAttempt attempt, Cluster.Database database, Connections itself) {
        String file = database.propertiesFile();
        if (file != null) {
            int major = DumpGlobalsFile.serverMajor(attempt.manifest().source().serverVersion());
            new ApplyProperties(
                            new ClientTools(attempt.request().target()).find("psql", major),
                            itself,
                            attempt.application() + "/properties",
                            attempt.backup().path().resolve(file))
                    .run(database.properties());
        }
    }
}
