package io.hyperkeep.jobs.steps;

import io.hyperkeep.cluster.SealCluster;
import io.hyperkeep.jobs.ClusterBackupAttempt;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** Makes a backup of the globals and of the databases that were sealed. */
public final class SealGlobalsAndDatabases implements Phase<ClusterBackupAttempt> {
    private final SealCluster seal;

    public SealGlobalsAndDatabases(SealCluster seal) {
        this.seal = seal;
    }

    @Override
    public void run(ClusterBackupAttempt attempt) {
        Cluster cluster = attempt.cluster();
        List<Cluster.Database> missing = cluster.missing();
        if (missing.size() == cluster.databases().size()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "no database of the cluster could be backed up: "
                            + missing.stream()
                                    .map(database -> database.name() + ": " + database.failure())
                                    .collect(Collectors.joining("; ")),
                    "`hyperkeep runs restart " + attempt.run() + "` tries them again");
        }
        // so that no prune takes away what the manifest is going to refer to
        attempt.lock().requireHeld();
        attempt.sealed(seal.seal(
                attempt.draft(),
                new SealCluster.Facts(
                        attempt.run(),
                        attempt.plan().name(),
                        attempt.started(),
                        attempt.listed().source(),
                        attempt.listed().seen(),
                        cluster,
                        attempt.warnings())));
    }
}
