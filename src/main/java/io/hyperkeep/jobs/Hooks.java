package io.hyperkeep.jobs;

import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupPlan;
import java.util.List;

/** The commands that a plan has run before and after its backups. Thread-safe. */
public interface Hooks {
    /** No plan has any. */
    Hooks NONE = new Hooks() {
        @Override
        public void before(BackupPlan plan, long run) {}

        @Override
        public List<Warning> after(BackupPlan plan, RunOutcome outcome) {
            return List.of();
        }
    };

    /**
     * Runs what comes before a backup, if there is something.
     *
     * @throws io.hyperkeep.problem.BackupException SKIPPED when it says that there is to be no backup this time, HOOK when
     *     it fails
     * @throws InterruptedException when this thread was interrupted; the command has ended then
     */
    void before(BackupPlan plan, long run) throws InterruptedException;

    /**
     * Runs what comes after a backup, however that ended, if there is something.
     *
     * @return a warning when it failed
     * @throws InterruptedException when this thread was interrupted; the command has ended then
     */
    List<Warning> after(BackupPlan plan, RunOutcome outcome) throws InterruptedException;
}
