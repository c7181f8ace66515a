package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.ListDatabases.Database;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.jobs.ClusterBackupAttempt;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FileNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backs up one database of a cluster, unless an earlier attempt did. One that can not be is named, and is not this run's
 * failure.
 */
public final class BackupOneDatabase {
    private static final Logger log = LoggerFactory.getLogger(BackupOneDatabase.class);

    private final RunRecords records;

    public BackupOneDatabase(RunRecords records) {
        this.records = records;
    }

    /**
     * Backs it up.
     *
     * @param unit one of the attempt's units
     */
    public void run(ClusterBackupAttempt attempt, String unit) {
        Database database = attempt.databases().get(unit);
        if (database == null) {
            throw new IllegalStateException("no unit " + unit + " was planned");
        }
        records.unitStarted(attempt.run(), unit);
        try {
            BackupFolder backup = sealed(attempt, database.name()).orElseGet(() -> backUp(attempt, database.name()));
            Cluster.Database entry = entry(attempt, database, backup);
            attempt.backedUp(unit, entry);
            records.unitDone(
                    attempt.run(),
                    unit,
                    1,
                    entry.totals() == null ? 0 : entry.totals().rows(),
                    entry.totals() == null ? 0 : entry.totals().bytes(),
                    entry);
        } catch (BackupException e) {
            records.unitFailed(attempt.run(), unit, 1, e.text());
            if (attempt.isStopping()) {
                throw e;
            }
            log.warn("database {} could not be backed up: {}", database.name(), e.text());
            missing(attempt, unit, database, e);
        }
    }

    /** What an earlier attempt sealed, if it is still there. */
    private static Optional<BackupFolder> sealed(ClusterBackupAttempt attempt, String database) {
        Optional<BackupFolder> earlier = attempt.parts()
                .done(attempt, database)
                .map(Run::backup)
                .map(path -> new BackupFolder(Path.of(path)))
                .filter(BackupFolder::isSealed)
                .filter(backup -> BackupKind.of(backup.manifest().kind())
                        == attempt.plan().cluster().kind());
        earlier.ifPresent(
                backup -> log.info("database {} was backed up by an earlier attempt, as {}", database, backup.id()));
        return earlier;
    }

    private static BackupFolder backUp(ClusterBackupAttempt attempt, String database) {
        BackupPlan plan = attempt.plan();
        Connections itself = attempt.connections().withDatabase(database);
        DatabaseSettings settings = new DatabaseSettings(
                database,
                itself.address(),
                plan.database().password(),
                plan.database().clientTools());
        Path repository = attempt.draft()
                .repository()
                .database(FileNames.of(plan.database().name()))
                .partsRoot();
        RunOutcome outcome = attempt.parts().backup(attempt, plan.ofOneDatabase(settings, repository));
        if (outcome.failure() != null) {
            throw outcome.failure();
        }
        return new BackupFolder(java.util.Objects.requireNonNull(outcome.backup(), "a sealed backup has a folder"));
    }

    private static Cluster.Database entry(ClusterBackupAttempt attempt, Database database, BackupFolder backup) {
        Manifest manifest = backup.manifest();
        attempt.warn(manifest.warnings().stream()
                .map(warning -> new Warning(warning.code(), "database " + database.name() + ": " + warning.text()))
                .toList());
        boolean whole = manifest.dump() != null;
        return new Cluster.Database(
                database.name(),
                manifest.kind(),
                belowCluster(attempt, backup),
                manifest.snapshot(),
                manifest.consistent(),
                manifest.totals(),
                database.properties(),
                whole ? null : attempt.files().properties(database.name(), database.properties()),
                null);
    }

    private static String belowCluster(ClusterBackupAttempt attempt, BackupFolder backup) {
        Path cluster = attempt.draft().folder().getParent().getParent();
        StringBuilder path = new StringBuilder();
        cluster.relativize(backup.path())
                .forEach(name -> path.append(path.isEmpty() ? "" : "/").append(name));
        return path.toString();
    }

    private static void missing(ClusterBackupAttempt attempt, String unit, Database database, BackupException why) {
        attempt.warn(List.of(new Warning(
                "database-missing", "database " + database.name() + " is not in the backup: " + why.getMessage())));
        attempt.backedUp(
                unit,
                new Cluster.Database(
                        database.name(),
                        attempt.plan().cluster().kind().word(),
                        null,
                        null,
                        false,
                        null,
                        database.properties(),
                        null,
                        why.getMessage()));
    }
}
