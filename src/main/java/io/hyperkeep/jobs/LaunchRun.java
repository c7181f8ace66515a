package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
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
    PlannedRun planBackup(BackupPlan plan);

    /**
     * Says what a restore would do, and does nothing.
     *
     * @throws io.hyperkeep.problem.BackupException when it would fail before it began to import
     */
    PlannedRun planRestore(RestoreRequest request);

    /**
     * Asks whatever runs here to stop soon: copies are cancelled, the run ends as STOPPED. Returns at once; a run that
     * is launched afterwards stops too.
     */
    void stop();
}
