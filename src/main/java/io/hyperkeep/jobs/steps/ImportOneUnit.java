package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.jobs.RetryUnit;
import io.hyperkeep.jobs.steps.RecordUnit.Done;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.restore.PlannedUnit;
import io.hyperkeep.runs.RunRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Imports one unit, again when that fails by what may pass, and records it; the target's own ledger is what counts, this is for those who look. */
public final class ImportOneUnit {
    private static final Logger log = LoggerFactory.getLogger(ImportOneUnit.class);

    private final RecordUnit record;
    private final RetryUnit retry;

    public ImportOneUnit(RunRecords records, RetryUnit retry) {
        this.record = new RecordUnit(records);
        this.retry = retry;
    }

    /**
     * Imports it; one that a check refuses is put aside, as the check may read tables that have no rows yet.
     *
     * @param id one of the units that are not in the target yet
     */
    public void run(RestoreAttempt attempt, String id) throws Exception {
        PlannedUnit unit = attempt.sessions().units().get(id);
        if (unit == null) {
            throw new IllegalStateException("no unit " + id + " was planned");
        }
        try {
            run(attempt, id, unit);
        } catch (BackupException e) {
            if (!attempt.sessions().putAside(id, e)) {
                throw e;
            }
            log.info("the rows of {} are imported again after all others: {}", unit.table(), e.getMessage());
        }
    }

    private void run(RestoreAttempt attempt, String id, PlannedUnit unit) throws Exception {
        UnitEntry entry = unit.unit();
        record.run(attempt, id, tries -> {
            retry.run(attempt, "the import of " + entry.file() + " into " + unit.table(), number -> {
                tries.accept(number);
                if (number > 1) {
                    // whatever broke the connection may have given the lock away
                    attempt.lock().keep();
                }
                attempt.sessions().run(id);
                return entry;
            });
            return new Done(entry.rows(), entry.bytes(), entry);
        });
    }
}
