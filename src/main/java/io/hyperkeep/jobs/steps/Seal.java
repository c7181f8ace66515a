package io.hyperkeep.jobs.steps;

import io.hyperkeep.export.ExportUnit;
import io.hyperkeep.export.SealBackup;
import io.hyperkeep.export.UnitResult;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.manifest.DataFormat;
import io.hyperkeep.manifest.Selection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunRecords;
import java.util.List;

/** Makes a backup of the exported units, once every one of them is accounted for. */
public final class Seal implements Phase<BackupAttempt> {
    private final RunRecords records;
    private final SealBackup seal;

    public Seal(RunRecords records, SealBackup seal) {
        this.records = records;
        this.seal = seal;
    }

    @Override
    public void run(BackupAttempt attempt) {
        List<UnitResult> results = records.results(attempt.run(), UnitResult.class);
        if (results.size() != attempt.units().size()) {
            throw new BackupException(
                    Problem.MISMATCH,
                    "cannot seal the backup: " + results.size() + " of "
                            + attempt.units().size() + " units have a result",
                    "run the backup again; `hyperkeep runs show " + attempt.run() + "` lists the units that failed");
        }
        // whoever read, read under this snapshot to the end
        attempt.source().sessions().requireAlive();
        attempt.lock().requireHeld();
        UnchangedDefinitions.require(attempt);
        attempt.sealed(seal.seal(
                attempt.draft(),
                new SealBackup.Facts(
                        attempt.run(),
                        attempt.plan().name(),
                        attempt.started(),
                        attempt.source().sessions().snapshot(),
                        new Selection(
                                attempt.plan().selection().include(),
                                attempt.plan().selection().exclude()),
                        attempt.source().inventory(),
                        attempt.properties(),
                        attempt.schema(),
                        new DataFormat(attempt.plan().compression().codec(), ExportUnit.COPY_OPTIONS),
                        attempt.warnings()),
                results));
    }
}
