package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.verify.VerifyRequest;

/** Starts runs and waits for their end: the one door from the command line and the scheduler into the engine. */
public interface LaunchRun {
    /**
     * Runs a backup to its end; {@link RunPlan} is what commands and schedules call.
     *
     * @param before the run's first phase
     * @throws io.hyperkeep.problem.BackupException when no run could be started at all
     */
    RunOutcome backup(BackupPlan plan, BeforeBackup before, RunProgress progress);

    /**
     * Runs a restore to its end.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started at all
     */
    RunOutcome restore(RestoreRequest request, RunProgress progress);

    /**
     * Tries a backup by restoring it into a database that is made for it, and dropped again.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started at all
     */
    RunOutcome drill(DrillRequest request, RunProgress progress);

    /**
     * Deletes the backups that no rule keeps, and every file that no backup needs any more. Each database is pruned for
     * itself: one that is in use keeps nobody from the others.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started at all
     */
    PruneOutcome prune(PruneRequest request, RunProgress progress);

    /**
     * Reads every file of backups and compares it with what their manifests say. Damage is a failure that names the files.
     *
     * @throws io.hyperkeep.problem.BackupException when no run could be started at all
     */
    VerifyOutcome verify(VerifyRequest request, RunProgress progress);

    /**
     * What a run was asked to do that did not come to its end, so that it can be restarted.
     *
     * @throws io.hyperkeep.problem.BackupException NOT_FOUND when there is no such run, LOCKED when it runs, or is
     *     restarted, USAGE when there is nothing to restart
     */
    RestartableRun restartable(long run);

    /**
     * Tries a backup again that did not come to its end, as a new run of the same Spring Batch job instance: under a new
     * snapshot, and with a new plan of units.
     *
     * @param run as {@link #restartable} takes it
     * @param plan what to do, as recorded or as configured by now
     * @param before the run's first phase
     * @throws io.hyperkeep.problem.BackupException as {@link #restartable}, USAGE when the plan makes another backup, or when
     *     no run could be started at all
     */
    RunOutcome restartBackup(long run, BackupPlan plan, BeforeBackup before, RunProgress progress);

    /**
     * Tries a restore again that did not come to its end, as {@link #restartBackup} does a backup: what the target's
     * ledger says is there already is not imported again.
     *
     * @throws io.hyperkeep.problem.BackupException as {@link #restartBackup}
     */
    RunOutcome restartRestore(long run, RestoreRequest request, RunProgress progress);

    /**
     * Tries a drill again that did not pass, from its beginning and in a database of its own.
     *
     * @throws io.hyperkeep.problem.BackupException as {@link #restartBackup}
     */
    RunOutcome restartDrill(long run, DrillRequest request, RunProgress progress);

    /**
     * Prunes again what a prune did not come to the end of.
     *
     * @param request what to do, as recorded
     * @throws io.hyperkeep.problem.BackupException as {@link #restartBackup}
     */
    PruneOutcome restartPrune(long run, PruneRequest request, RunProgress progress);

    /**
     * Verifies again, from the beginning.
     *
     * @throws io.hyperkeep.problem.BackupException as {@link #restartBackup}
     */
    VerifyOutcome restartVerify(long run, VerifyRequest request, RunProgress progress);

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
     * Records how many warnings a run has now that what comes after it is done too. Never throws: that it could not be
     * recorded is logged.
     */
    void warned(long run, int warnings);

    /**
     * Asks whatever runs here to stop soon: copies are cancelled, the run ends as STOPPED. Returns at once; a run that
     * is launched afterwards stops too.
     */
    void stop();
}
