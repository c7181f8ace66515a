package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.FinishRestore;
import io.hyperkeep.restore.RestoredJobs;

/** Switches policies and jobs on, and lets the target no longer be marked as unfinished. */
public final class SwitchOnAndEnd implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        RestoredJobs jobs = new FinishRestore(attempt.connections(), attempt.application())
                .end(attempt.plan(), attempt.request().options().jobs());
        attempt.warn(jobs.warnings());
        attempt.ended(jobs);
    }
}
