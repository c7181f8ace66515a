package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.FinishRestore;
import io.hyperkeep.restore.LendSearchPath;

/** Gives the planner its statistics, which no dump carries; then nothing is left that an event trigger could fire on. */
public final class Analyze implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        attempt.warn(new FinishRestore(attempt.connections(), attempt.application())
                .analyze(attempt.plan(), attempt.request().jobs()));
        new LendSearchPath(attempt.connections(), attempt.application(), attempt.plan()).takeBack();
        CreateTables.entries(attempt).eventTriggers(attempt.plan());
    }
}
