package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;

/** Proves that the target has what the manifest says. */
public final class CompareWithManifest implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        attempt.warn(attempt.compare().run(attempt.request().jobs(), attempt.createdJobs(), attempt.unfilled()));
    }
}
