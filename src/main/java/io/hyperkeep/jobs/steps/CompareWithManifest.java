package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CompareTarget;
import io.hyperkeep.restore.FinishRestore;

/** Proves that the target has what the manifest says; only then it stops being marked as unfinished. */
public final class CompareWithManifest implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        attempt.warn(new CompareTarget(attempt.connections(), attempt.application(), attempt.progress())
                .run(attempt.plan(), attempt.request().jobs()));
        new FinishRestore(attempt.connections(), attempt.application()).end(attempt.plan());
    }
}
