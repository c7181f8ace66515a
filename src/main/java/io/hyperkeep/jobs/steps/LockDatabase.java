package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.DatabaseLock;
import io.hyperkeep.jobs.BackupAttempt;

/** Makes this the only run that works on the database, whoever starts another, on whatever machine. */
public final class LockDatabase implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) {
        attempt.closing(DatabaseLock.acquire(attempt.connections(), "hyperkeep/" + attempt.run() + "/lock"));
    }
}
