package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.FinishRestore;

/** Proves that the target has what the manifest says; only then it stops being marked as unfinished. */
public final class CompareWithManifest implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        attempt.warn(attempt.compare().run(attempt.request().jobs()));
        new FinishRestore(attempt.connections(), attempt.application()).end(attempt.plan());
    }
}
