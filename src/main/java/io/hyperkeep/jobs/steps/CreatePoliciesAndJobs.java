package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CreateJobs;

/** Creates policies and user-defined jobs, off. */
public final class CreatePoliciesAndJobs implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        CreateJobs.Created created = new CreateJobs(attempt.connections(), attempt.application()).run(attempt.plan());
        attempt.warn(created.warnings());
        attempt.createdJobs(created);
    }
}
