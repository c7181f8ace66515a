package io.hyperkeep.jobs.steps;

import io.hyperkeep.export.UnitResult;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.jobs.RetryUnit;
import io.hyperkeep.jobs.RetryUnit.Tried;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunRecords;

/** Exports one unit, again when that fails by what may pass, and records its result: then it is done for good. */
public final class ExportOneUnit {
    private final RunRecords records;
    private final RetryUnit retry;

    public ExportOneUnit(RunRecords records, RetryUnit retry) {
        this.records = records;
        this.retry = retry;
    }

    /**
     * Exports it.
     *
     * @param id one of the attempt's units
     */
    public void run(BackupAttempt attempt, String id) throws Exception {
        Unit unit = attempt.units().get(id);
        if (unit == null) {
            throw new IllegalStateException("no unit " + id + " was planned");
        }
        records.unitStarted(attempt.run(), id);
        try {
            Tried<UnitResult> tried =
                    retry.run(attempt, "the export of " + unit.table() + ", unit " + unit.label(), tries -> {
                        if (tries > 1) {
                            attempt.requireSnapshot();
                        }
                        return attempt.exporter().run(unit);
                    });
            UnitResult result = tried.result();
            UnitEntry entry = result.entry();
            records.unitDone(
                    attempt.run(), id, entry == null ? 0 : entry.rows(), entry == null ? 0 : entry.bytes(), result);
        } catch (BackupException e) {
            records.unitFailed(attempt.run(), id, e.text());
            throw e;
        }
    }
}
