package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CreateAggregates;

/** Creates continuous aggregates while there is nothing to aggregate, and then what needs them. */
public final class MakeAggregates implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        new CreateAggregates(attempt.connections(), attempt.application()).run(attempt.plan());
        CreateTables.entries(attempt).late(attempt.plan());
    }
}
