package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.restore.ImportSessions;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.runs.RunRecords.PlannedUnit;

/** Opens the connections that will bring the rows, and records which units are not in the target yet. */
public final class PlanImport implements Phase<RestoreAttempt> {
    private final RunRecords records;

    public PlanImport(RunRecords records) {
        this.records = records;
    }

    @Override
    public void run(RestoreAttempt attempt) {
        ImportSessions sessions = ImportSessions.open(
                attempt.backup(),
                attempt.connections(),
                attempt.application(),
                attempt.progress(),
                attempt.plan(),
                attempt.request().jobs());
        attempt.importing(sessions);
        records.planned(
                attempt.run(),
                sessions.units().values().stream()
                        .map(unit -> new PlannedUnit(
                                unit.unit().id(),
                                unit.table(),
                                unit.unit().file(),
                                unit.unit().csvBytes()))
                        .toList());
    }
}
