package io.hyperkeep.jobs;

import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;

/**
 * Tells people, and the services that watch for them, how the backups of plans go. No method throws, and none waits longer
 * than the receivers' timeouts: whoever can not be told does not fail a backup. Thread-safe.
 */
public interface Notify {
    /** Nobody is told. */
    Notify NOBODY = new Notify() {
        @Override
        public void started(BackupPlan plan, long run) {}

        @Override
        public void ended(BackupPlan plan, RunOutcome outcome, long first) {}

        @Override
        public void notStarted(BackupPlan plan, String job, BackupException why) {}

        @Override
        public void missed(BackupPlan plan, String text) {}

        @Override
        public void stale(BackupPlan plan, String text) {}
    };

    /** A backup begins; returns at once. */
    void started(BackupPlan plan, long run);

    /**
     * A backup ended, in whatever state; or a prune, a verification or a drill that the plan has scheduled.
     *
     * @param outcome of its last attempt
     * @param first the run of its first attempt: what came before that is another story
     */
    void ended(BackupPlan plan, RunOutcome outcome, long first);

    /**
     * A run could not even begin, so the record of runs has nothing of it.
     *
     * @param job what was to be run: {@code backup}, {@code prune}, {@code verify} or {@code drill}
     */
    void notStarted(BackupPlan plan, String job, BackupException why);

    /**
     * A schedule did not start its backup: nobody was there to start it, or another run was in its way. Returns at once.
     *
     * @param text a sentence that says when it was due and why it did not run
     */
    void missed(BackupPlan plan, String text);

    /**
     * A plan has no good backup that is as new as it should be. To be called once when that begins, not all the while.
     * Returns at once.
     *
     * @param text a sentence that says how old the newest one is, and how old it may be
     */
    void stale(BackupPlan plan, String text);
}
