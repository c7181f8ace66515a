package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.VerifyAttempt;
import io.hyperkeep.jobs.steps.RecordUnit.Done;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.VerifiedBackup;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** Reads every file of one backup; one that is not whole fails by naming what is wrong. */
public final class VerifyOneBackup {
    private final RecordUnit record;

    public VerifyOneBackup(RunRecords records) {
        this.record = new RecordUnit(records);
    }

    /** What is recorded of a backup that is whole. */
    record Whole(int tables, int units) {}

    /**
     * Verifies it.
     *
     * @param id one of the attempt's units
     */
    public void run(VerifyAttempt attempt, String id) throws Exception {
        BackupFolder backup = Objects.requireNonNull(attempt.backups().get(id), "no unit of the plan");
        record.run(attempt, id, tries -> {
            AtomicReference<VerifiedBackup> read = new AtomicReference<>();
            attempt.interruptibly(() -> read.set(attempt.verify().run(backup, attempt.progress())));
            VerifiedBackup verified = read.get();
            attempt.verified(verified);
            if (!verified.isWhole()) {
                throw Finding.failure(
                        Problem.DAMAGED,
                        PlanVerification.label(backup) + " is damaged",
                        verified.findings(),
                        "copy the files again from where the backup was copied from, or use another backup.");
            }
            Manifest manifest = Objects.requireNonNull(verified.manifest(), "what is whole was read");
            return new Done(
                    manifest.totals().rows(),
                    manifest.totals().bytes(),
                    new Whole(manifest.totals().tables(), manifest.totals().units()));
        });
    }
}
