package io.hyperkeep.jobs;

/**
 * What is done before a backup touches anything. It is a phase of the run, so that it is recorded, shown, stopped and, if
 * its process dies, recovered as every other is.
 */
@FunctionalInterface
public interface BeforeBackup {
    /** Nothing. */
    BeforeBackup NOTHING = run -> {};

    /**
     * Does it.
     *
     * @param run the number of the run that it is a part of
     * @throws io.hyperkeep.problem.BackupException SKIPPED when there is to be no backup this time; any other fails the
     *     backup
     * @throws InterruptedException when the run was asked to stop
     */
    void run(long run) throws InterruptedException;
}
