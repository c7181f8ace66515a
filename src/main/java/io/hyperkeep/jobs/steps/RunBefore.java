package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.BackupAttempt;

/** Does what the plan wants done before its backups, which may fail the backup or have it skipped. */
public final class RunBefore implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) throws InterruptedException {
        attempt.before().run(attempt.run());
    }
}
