package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.problem.BackupException;
import java.util.Map;

/** Imports what was put aside, one unit after the other, for as long as the rows of one let another one in. */
public final class ImportPutAside implements Phase<RestoreAttempt> {
    private final ImportOneUnit one;

    public ImportPutAside(ImportOneUnit one) {
        this.one = one;
    }

    /** @throws BackupException the refusal of the first one when a whole round let none in */
    @Override
    public void run(RestoreAttempt attempt) throws Exception {
        Map<String, BackupException> left = attempt.sessions().takeAside();
        while (!left.isEmpty()) {
            for (String unit : left.keySet()) {
                one.run(attempt, unit);
            }
            Map<String, BackupException> still = attempt.sessions().takeAside();
            if (still.size() == left.size()) {
                throw still.values().iterator().next();
            }
            left = still;
        }
    }
}
