package io.hyperkeep.jobs.steps;

import io.hyperkeep.export.UnitResult;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunRecords;

/** Exports one unit and records its result: afterwards the unit is done for good. */
public final class ExportOneUnit {
    private final RunRecords records;

    public ExportOneUnit(RunRecords records) {
        this.records = records;
    }

    /**
     * Exports it.
     *
     * @param id one of the attempt's units
     */
    public void run(BackupAttempt attempt, String id) throws InterruptedException {
        Unit unit = attempt.units().get(id);
        if (unit == null) {
            throw new IllegalStateException("no unit " + id + " was planned");
        }
        records.unitStarted(attempt.run(), id);
        try {
            UnitResult result = attempt.exporter().run(unit);
            UnitEntry entry = result.entry();
            records.unitDone(
                    attempt.run(), id, entry == null ? 0 : entry.rows(), entry == null ? 0 : entry.bytes(), result);
        } catch (BackupException e) {
            records.unitFailed(attempt.run(), id, e.text());
            throw e;
        }
    }
}
