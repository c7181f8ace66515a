package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.RestoringMode;
import io.hyperkeep.jobs.RestoreAttempt;

/** Lets TimescaleDB see its hypertables as such again. */
public final class LeaveRestoringMode implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        RestoringMode mode = attempt.restoring();
        if (mode != null) {
            mode.leave();
        }
    }
}
