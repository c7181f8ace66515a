package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.UpdateTimescale;
import io.hyperkeep.jobs.RestoreAttempt;

/** Brings TimescaleDB to a later version than the archive's, if that was asked for. */
public final class UpdateExtension implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        String version = attempt.request().options().archive().updateTo();
        if (version != null && attempt.plan().manifest().source().timescale() != null) {
            new UpdateTimescale(
                            RestoreEntriesOf.tool(attempt, "psql"),
                            attempt.connections(),
                            attempt.application() + "/update-extension")
                    .to(version);
        }
    }
}
