package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CheckBackup;
import io.hyperkeep.restore.PlanRestore;
import io.hyperkeep.restore.RestorePlan;

/** Decides what to restore, and reads every file that it needs against its checksum before the target is touched. */
public final class ReadManifest implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        RestorePlan plan =
                PlanRestore.run(attempt.backup().manifest(), attempt.request().selection());
        new CheckBackup(attempt.backup(), attempt.progress())
                .run(plan, attempt.request().jobs());
        attempt.warn(plan.warnings());
        attempt.planned(plan);
    }
}
