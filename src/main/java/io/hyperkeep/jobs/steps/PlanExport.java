package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoveredTable;
import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.export.EarlierUnits;
import io.hyperkeep.export.ExportUnit;
import io.hyperkeep.export.ReuseUnits;
import io.hyperkeep.export.SealBackup;
import io.hyperkeep.export.SealedUnits;
import io.hyperkeep.export.UnitResult;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.plan.PlanUnits;
import io.hyperkeep.plan.Reuse;
import io.hyperkeep.plan.Unit;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.runs.RunRecords.PlannedUnit;
import io.hyperkeep.storage.Repository;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the tables into units, records them, looks up what earlier attempts and backups have of them, and opens the
 * folder that the manifest will be in.
 */
public final class PlanExport implements Phase<BackupAttempt> {
    private static final Logger log = LoggerFactory.getLogger(PlanExport.class);

    private final RunRecords records;

    public PlanExport(RunRecords records) {
        this.records = records;
    }

    @Override
    public void run(BackupAttempt attempt) {
        BackupPlan plan = attempt.plan();
        Inventory inventory = attempt.source().inventory();
        List<Unit> units = new PlanUnits(plan.unitBytes(), plan.sliceBytes()).plan(inventory.tables());
        Repository repository = attempt.repository();
        SealBackup.Draft draft = new OpenDraft(records).run(attempt, repository);
        records.planned(
                attempt.run(),
                units.stream()
                        .map(unit -> new PlannedUnit(unit.id(), unit.table(), unit.label(), unit.bytes()))
                        .toList());
        ExportUnit.Destination destination =
                new ExportUnit.Destination(repository.store(), draft.database(), plan.compression());
        EarlierUnits earlier = plan.reuse() == Reuse.NONE ? EarlierUnits.NONE : earlier(attempt, draft);
        attempt.planned(
                units,
                draft,
                new ExportUnit(
                        attempt.source().sessions(),
                        attempt.source().server(),
                        destination,
                        new ReuseUnits(present(attempt, units), earlier, plan.reuse(), destination),
                        attempt.progress()));
    }

    private EarlierUnits earlier(BackupAttempt attempt, SealBackup.Draft draft) {
        List<UnitResult> attempts = attempt.earlierRuns().stream()
                .flatMap(run -> records.results(run, UnitResult.class).stream())
                .toList();
        return new EarlierUnits(
                attempts,
                new SealedUnits(draft.repository(), log::info)
                        .newest(
                                draft.database(),
                                attempt.source().inventory().tables().stream()
                                        .map(DiscoveredTable::name)
                                        .collect(Collectors.toSet())));
    }

    private static ReuseUnits.Present present(BackupAttempt attempt, List<Unit> units) {
        BackupAttempt.Source source = attempt.source();
        try {
            return source.sessions()
                    .withHolder(holder -> ReuseUnits.Present.read(
                            holder,
                            source.server(),
                            source.inventory(),
                            source.sessions().snapshot(),
                            units));
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot read the catalog of " + attempt.connections().address(), e);
        }
    }
}
