package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CreateChunks;
import io.hyperkeep.restore.LendSearchPath;
import io.hyperkeep.restore.RestoreChunkProperties;

/** Creates the chunks that rows will go into. */
public final class CreateChunksAhead implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        CreateTables.entries(attempt).indexesBeforeChunks(attempt.plan());
        LendSearchPath searchPath = new LendSearchPath(attempt.connections(), attempt.application(), attempt.plan());
        // of users' functions that partition rows or check them
        attempt.warn(searchPath.lend());
        attempt.warn(new CreateChunks(attempt.connections(), attempt.application())
                .run(attempt.plan(), attempt.request().jobs()));
        attempt.warn(
                new RestoreChunkProperties(attempt.connections(), attempt.application()).tablespaces(attempt.plan()));
        searchPath.takeBack();
    }
}
