package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.runs.Run;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What can be done about runs that other processes launched. Thread-safe. */
public interface ControlRuns {
    /**
     * Records every run as FAILED whose process is dead; to be called before anything is launched. Takes some seconds when
     * a run of another machine has to be watched first.
     *
     * @return those runs, as they are recorded now
     */
    List<Run> recoverDead();

    /**
     * Records one run as FAILED whose process is dead.
     *
     * @throws io.hyperkeep.problem.BackupException NOT_FOUND when there is no such run, LOCKED when it lives, USAGE when it
     *     has ended
     */
    Run recover(long run);

    /**
     * Asks a run to stop and waits until it did, or ended otherwise.
     *
     * @return the run after its end
     * @throws io.hyperkeep.problem.BackupException NOT_FOUND when there is no such run, USAGE when it does not run, or died,
     *     LOCKED when it still runs after that time
     */
    Run stop(long run, Duration patience);

    /**
     * Gives up a run that failed or was stopped: it is not offered for restart any more, and can not be restarted.
     *
     * @throws io.hyperkeep.problem.BackupException NOT_FOUND when there is no such run, LOCKED when it runs, USAGE when there
     *     is nothing to give up
     */
    Run abandon(long run);

    /**
     * The run that can be restarted instead of a new run of this backup: the last one that was to make the same backup
     * ({@link BackupPlan#makesSameBackupAs}), if it failed or was stopped.
     */
    Optional<Run> restartableInsteadOf(BackupPlan plan);
}
