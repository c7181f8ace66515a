package io.hyperkeep.jobs.steps;

import io.hyperkeep.export.ExportUnit;
import io.hyperkeep.export.SealBackup;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.PlanUnits;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.runs.RunRecords.PlannedUnit;
import io.hyperkeep.storage.Repository;
import java.util.List;

/** Cuts the tables into units, records them, and opens the folder that they and the manifest will be in. */
public final class PlanExport implements Phase<BackupAttempt> {
    private final RunRecords records;

    public PlanExport(RunRecords records) {
        this.records = records;
    }

    @Override
    public void run(BackupAttempt attempt) {
        BackupPlan plan = attempt.plan();
        List<Unit> units = new PlanUnits(plan.unitBytes(), plan.sliceBytes())
                .plan(attempt.source().inventory().tables());
        Repository repository = Repository.openOrCreate(plan.repository());
        SealBackup.Draft draft = new OpenDraft(records).run(attempt, repository);
        records.planned(
                attempt.run(),
                units.stream()
                        .map(unit -> new PlannedUnit(unit.id(), unit.table(), unit.label(), unit.bytes()))
                        .toList());
        attempt.planned(
                units,
                draft,
                new ExportUnit(
                        attempt.source().sessions(),
                        attempt.source().server(),
                        new ExportUnit.Destination(repository.store(), draft.database(), plan.compression()),
                        attempt.progress()));
    }
}
