package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.restore.PlannedUnit;
import io.hyperkeep.runs.RunRecords;

/** Imports one unit and records it; the target's own ledger is what counts, this is for those who look. */
public final class ImportOneUnit {
    private final RunRecords records;

    public ImportOneUnit(RunRecords records) {
        this.records = records;
    }

    /**
     * Imports it.
     *
     * @param id one of the units that are not in the target yet
     */
    public void run(RestoreAttempt attempt, String id) throws InterruptedException {
        PlannedUnit unit = attempt.sessions().units().get(id);
        if (unit == null) {
            throw new IllegalStateException("no unit " + id + " was planned");
        }
        UnitEntry entry = unit.unit();
        records.unitStarted(attempt.run(), id);
        try {
            attempt.sessions().run(id);
            records.unitDone(attempt.run(), id, entry.rows(), entry.bytes(), entry);
        } catch (BackupException e) {
            records.unitFailed(attempt.run(), id, e.text());
            throw e;
        }
    }
}
