package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.runs.RunProgress;

/** Starts runs and waits for their end: the one door from the command line and the scheduler into the engine. */
public interface LaunchRun {
    /**
     * Runs a backup to its end.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started at all
     */
    RunOutcome backup(BackupPlan plan, RunProgress progress);

    /**
     * Runs a restore to its end.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started at all
     */
    RunOutcome restore(RestoreRequest request, RunProgress progress);

    /**
     * Says what a backup would do, and does nothing.
     *
     * @throws io.hyperkeep.problem.BackupException when it would fail before it began to export
     */
    default PlannedRun planBackup(BackupPlan plan) {
        throw new BackupException(Problem.USAGE, "--dry-run of a backup is not there yet", null);
    }

    /**
     * Says what a restore would do, and does nothing.
     *
     * @throws io.hyperkeep.problem.BackupException when it would fail before it began to import
     */
    default PlannedRun planRestore(RestoreRequest request) {
        throw new BackupException(Problem.USAGE, "--dry-run of a restore is not there yet", null);
    }

    /** Asks whatever runs here to stop soon: copies are cancelled, the run ends as STOPPED. Returns at once. */
    void stop();
}
