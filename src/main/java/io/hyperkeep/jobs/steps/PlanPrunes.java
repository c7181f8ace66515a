package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.PruneAttempt;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.runs.RunRecords.PlannedUnit;
import io.hyperkeep.storage.DatabaseFolder;
import java.util.Map;

/** Finds the databases whose backups are to be pruned: each is a unit of the run. */
public final class PlanPrunes implements Phase<PruneAttempt> {
    private final RunRecords records;

    public PlanPrunes(RunRecords records) {
        this.records = records;
    }

    @Override
    public void run(PruneAttempt attempt) {
        Map<String, DatabaseFolder> folders =
                NumberUnits.of("d", attempt.request().folders());
        records.planned(
                attempt.run(),
                folders.entrySet().stream()
                        .map(unit -> new PlannedUnit(
                                unit.getKey(), null, unit.getValue().name(), 0))
                        .toList());
        attempt.planned(folders);
    }
}
