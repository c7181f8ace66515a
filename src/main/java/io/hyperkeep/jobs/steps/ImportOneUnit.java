package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.jobs.RetryUnit;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.restore.PlannedUnit;
import io.hyperkeep.runs.RunRecords;

/** Imports one unit, again when that fails by what may pass, and records it; the target's own ledger is what counts, this is for those who look. */
public final class ImportOneUnit {
    private final RunRecords records;
    private final RetryUnit retry;

    public ImportOneUnit(RunRecords records, RetryUnit retry) {
        this.records = records;
        this.retry = retry;
    }

    /**
     * Imports it.
     *
     * @param id one of the units that are not in the target yet
     */
    public void run(RestoreAttempt attempt, String id) throws Exception {
        PlannedUnit unit = attempt.sessions().units().get(id);
        if (unit == null) {
            throw new IllegalStateException("no unit " + id + " was planned");
        }
        UnitEntry entry = unit.unit();
        records.unitStarted(attempt.run(), id);
        try {
            retry.run(attempt, "the import of " + entry.file() + " into " + unit.table(), tries -> {
                if (tries > 1) {
                    // whatever broke the connection may have given the lock away
                    attempt.lock().keep();
                }
                attempt.sessions().run(id);
                return entry;
            });
            records.unitDone(attempt.run(), id, entry.rows(), entry.bytes(), entry);
        } catch (BackupException e) {
            records.unitFailed(attempt.run(), id, e.text());
            throw e;
        }
    }
}
