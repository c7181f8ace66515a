package io.hyperkeep.jobs.steps;

import io.hyperkeep.export.UnitResult;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.jobs.RetryUnit;
import io.hyperkeep.jobs.steps.RecordUnit.Done;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.runs.RunRecords;

/** Exports one unit, again when that fails by what may pass, and records its result: then it is done for good. */
public final class ExportOneUnit {
    private final RecordUnit record;
    private final RetryUnit retry;

    public ExportOneUnit(RunRecords records, RetryUnit retry) {
        this.record = new RecordUnit(records);
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
        record.run(attempt, id, tries -> {
            UnitResult result =
                    retry.run(attempt, "the export of " + unit.table() + ", unit " + unit.label(), number -> {
                        tries.accept(number);
                        if (number > 1) {
                            attempt.requireSnapshot();
                        }
                        return attempt.exporter().run(unit);
                    });
            UnitEntry entry = result.entry();
            return new Done(entry == null ? 0 : entry.rows(), entry == null ? 0 : entry.bytes(), result);
        });
    }
}
