package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.VerifyAttempt;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.runs.RunRecords.PlannedUnit;
import io.hyperkeep.storage.BackupFolder;
import java.util.List;
import java.util.Map;

/** Finds the backups that are to be verified, each a unit of the run, and keeps prunes from them. */
public final class PlanVerification implements Phase<VerifyAttempt> {
    private final RunRecords records;

    public PlanVerification(RunRecords records) {
        this.records = records;
    }

    @Override
    public void run(VerifyAttempt attempt) throws Exception {
        List<BackupFolder> found = attempt.request().backups();
        attempt.interruptibly(() -> attempt.verify().lock(found, "verify run " + attempt.run(), attempt::abort));
        Map<String, BackupFolder> backups = NumberUnits.of("b", found);
        records.planned(
                attempt.run(),
                backups.entrySet().stream()
                        .map(unit -> new PlannedUnit(unit.getKey(), null, label(unit.getValue()), 0))
                        .toList());
        attempt.planned(backups);
    }

    /** As people tell it from others. */
    static String label(BackupFolder backup) {
        return "backup " + backup.id() + " of " + backup.databaseFolder().getFileName();
    }
}
