package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.DrillAttempt;

/** Drops the database that was restored into, now that it was compared; a failure to is one of the drill. */
public final class DropScratch implements Phase<DrillAttempt> {
    @Override
    public void run(DrillAttempt attempt) {
        attempt.scratch().drop(attempt.scratchName());
    }
}
