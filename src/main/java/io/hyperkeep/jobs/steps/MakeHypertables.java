package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CreateHypertables;

/** Makes hypertables of the empty tables, with the source's dimensions. */
public final class MakeHypertables implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        new CreateHypertables(attempt.connections(), attempt.application()).run(attempt.plan());
    }
}
