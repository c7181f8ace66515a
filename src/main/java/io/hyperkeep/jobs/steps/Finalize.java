package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CompressChunks;
import io.hyperkeep.restore.DropEmptyChunks;
import io.hyperkeep.restore.FinishRestore;
import io.hyperkeep.restore.ForgetInvalidations;
import io.hyperkeep.restore.LendSearchPath;
import io.hyperkeep.restore.RefreshViews;
import io.hyperkeep.restore.RestoreEntries;

/** Everything that has to come after the rows, in PostgreSQL's own order. */
public final class Finalize implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        attempt.sessions().requireAll(attempt.plan());
        new DropEmptyChunks(attempt.connections(), attempt.application()).run(attempt.plan());
        new ForgetInvalidations(attempt.connections(), attempt.application()).run(attempt.plan());
        // until everything that evaluates users' functions has done so: analyze takes it back
        new LendSearchPath(attempt.connections(), attempt.application(), attempt.plan()).lend();
        RestoreEntries entries = CreateTables.entries(attempt);
        FinishRestore finish = new FinishRestore(attempt.connections(), attempt.application());
        new CompressChunks(attempt.connections(), attempt.application(), attempt.progress())
                .beforeExclusions(attempt.plan());
        entries.indexes(attempt.plan(), attempt.request().jobs(), attempt.compare());
        entries.foreignKeys(attempt.plan());
        entries.rest(attempt.plan());
        finish.sequences(attempt.plan());
        attempt.unfilled(new RefreshViews(attempt.connections(), attempt.application())
                .run(attempt.plan().refresh()));
    }
}
