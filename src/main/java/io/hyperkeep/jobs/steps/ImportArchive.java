package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.LendSearchPath;

/** Has pg_restore bring the rows in, with users' functions that find names as in the users' sessions. */
public final class ImportArchive implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        // pg_restore's own sessions have an empty search_path; analyze takes it back
        attempt.warn(new LendSearchPath(attempt.connections(), attempt.application(), attempt.plan()).lend());
        attempt.lock().keep();
        RestoreEntriesOf.archive(attempt).rows();
    }
}
