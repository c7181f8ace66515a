package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.DatabaseLock;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.PrepareTarget;

/** Makes sure that the target exists and fits, and makes this the only run that works on it. */
public final class LockTarget implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        attempt.warn(new PrepareTarget(attempt.connections(), attempt.application())
                .run(attempt.plan(), attempt.request().createDatabase())
                .warnings());
        attempt.closing(DatabaseLock.acquire(attempt.connections(), attempt.application() + "/lock"));
    }
}
