package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.CompressChunks;
import io.hyperkeep.restore.RestoreChunkProperties;

/** Sets how hypertables store their chunks, compresses those that were compressed, and then does what had to wait. */
public final class Compress implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        new CompressChunks(attempt.connections(), attempt.application(), attempt.progress())
                .run(attempt.plan(), attempt.request().jobs());
        CreateTables.entries(attempt).afterCompression(attempt.plan());
        attempt.warn(new RestoreChunkProperties(attempt.connections(), attempt.application()).run(attempt.plan()));
    }
}
