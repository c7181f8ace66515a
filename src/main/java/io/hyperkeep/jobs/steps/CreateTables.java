package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.RestoreEntries;

/** Creates schemas, types, functions and tables. */
public final class CreateTables implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        entries(attempt).preData(attempt.plan());
    }

    static RestoreEntries entries(RestoreAttempt attempt) {
        return new RestoreEntries(
                attempt.backup(),
                attempt.connections(),
                new ClientTools(attempt.request().target()),
                attempt.application());
    }
}
