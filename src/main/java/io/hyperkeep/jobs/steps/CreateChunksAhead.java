package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CreateChunks;
import io.hyperkeep.restore.RestoreChunkProperties;

/** Creates the chunks that rows will go into. */
public final class CreateChunksAhead implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        CreateTables.entries(attempt).indexesBeforeChunks(attempt.plan());
        attempt.warn(new CreateChunks(attempt.connections(), attempt.application())
                .run(attempt.plan().withChunksAhead(), attempt.request().jobs()));
        attempt.warn(
                new RestoreChunkProperties(attempt.connections(), attempt.application()).tablespaces(attempt.plan()));
    }
}
