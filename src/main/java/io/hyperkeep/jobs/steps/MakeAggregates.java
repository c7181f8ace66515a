package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CreateAggregates;
import io.hyperkeep.restore.RestoreEntries;

/** Creates continuous aggregates while there is nothing to aggregate, and then what needs them. */
public final class MakeAggregates implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        RestoreEntries entries = CreateTables.entries(attempt);
        new CreateAggregates(attempt.connections(), attempt.application(), entries).run(attempt.plan());
        entries.late(attempt.plan());
    }
}
