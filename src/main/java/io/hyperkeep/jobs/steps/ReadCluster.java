package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.ChooseDatabases;
import io.hyperkeep.jobs.ClusterRestoreAttempt;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.DatabaseSelection;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Alterations;
import io.hyperkeep.restore.ClusterChoice;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.StoredFile;
import io.hyperkeep.verify.VerifyFiles;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides which databases of a cluster are restored, and reads what they share against its checksums. */
public final class ReadCluster implements Phase<ClusterRestoreAttempt> {
    private static final Logger log = LoggerFactory.getLogger(ReadCluster.class);

    private final Clock clock;

    public ReadCluster(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void run(ClusterRestoreAttempt attempt) {
        BackupFolder backup = attempt.backup();
        // so that no prune takes it away meanwhile; its loss is no reason to stop, a missing file would be
        backup.inRepository()
                .flatMap(folder -> new FolderLocks(folder, clock, log::info)
                        .acquireToRead("restore run " + attempt.run(), lost -> {}))
                .ifPresent(attempt::closing);
        wholeDatabases(attempt.request());
        Manifest manifest = backup.manifest();
        Cluster cluster = Objects.requireNonNull(manifest.cluster(), "a backup of a cluster");
        List<Finding> findings = new VerifyFiles(backup, attempt.progress())
                .bytes(StoredFile.schema(backup, manifest), attempt.request().jobs());
        if (!findings.isEmpty()) {
            throw Finding.failure(
                    Problem.DAMAGED,
                    "backup " + backup.id() + " is damaged",
                    findings,
                    "copy the files again from where the backup was copied from, or use another backup");
        }
        attempt.read(manifest, chosen(attempt, cluster));
        // one that is not there is told before anything is restored
        attempt.databases().values().forEach(database -> backup.part(String.valueOf(database.backup()))
                .manifest());
    }

    private static void wholeDatabases(RestoreRequest request) {
        if (!request.selection().equals(TableSelection.ALL)
                || !request.options().alterations().equals(Alterations.NONE)) {
            throw new BackupException(
                    Problem.USAGE,
                    "the databases of a cluster are restored whole and as they were",
                    "choose databases with --include-database and --exclude-database; single tables, or something else"
                            + " than it was, come from a database's own folder below databases/");
        }
    }

    private static List<Cluster.Database> chosen(ClusterRestoreAttempt attempt, Cluster cluster) {
        ClusterChoice choice = attempt.request().cluster();
        if (choice.globalsOnly()) {
            return List.of();
        }
        DatabaseSelection selection = choice.databases();
        ChooseDatabases.requireMatched(
                selection,
                cluster.databases().stream().map(Cluster.Database::name).toList(),
                "the backup");
        List<Cluster.Database> chosen = new ArrayList<>();
        for (Cluster.Database database : cluster.databases()) {
            if (!selection.selects(database.name())) {
                continue;
            }
            if (database.backup() != null) {
                chosen.add(database);
            } else if (selection.include().isEmpty()) {
                attempt.warn(List.of(new Warning(
                        "database-missing",
                        "the backup does not have database " + database.name() + ", which could not be backed up: "
                                + database.failure())));
            } else {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "the backup does not have database " + database.name() + ", which could not be backed up: "
                                + database.failure(),
                        "use another backup, or leave it out: --exclude-database " + database.name());
            }
        }
        return chosen;
    }
}
