package io.hyperkeep.jobs.steps;

import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.StorageErrors;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.StoredFile;
import io.hyperkeep.verify.VerifyFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the sealed backup as a restore would: its manifest, and every file that this run wrote against its checksum.
 * A backup that does not pass is unsealed again.
 */
public final class VerifySealed implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) {
        boolean passed = false;
        try {
            verify(attempt);
            passed = true;
        } finally {
            // stopped or failed, whatever the reason: the run will not say SEALED, so nothing else may
            if (!passed) {
                unseal(attempt);
            }
        }
    }

    private static void verify(BackupAttempt attempt) {
        BackupFolder backup = new BackupFolder(attempt.draft().folder());
        Manifest manifest = backup.manifest();
        List<StoredFile> files = new ArrayList<>(StoredFile.schema(backup, manifest));
        manifest.tables().stream()
                .flatMap(table -> table.units().stream())
                // files that were reused passed when they were written; `verify` reads them too
                .filter(unit -> !unit.reused())
                .map((UnitEntry unit) -> StoredFile.data(backup, unit))
                .forEach(files::add);
        List<Finding> findings = new VerifyFiles(backup, attempt.progress())
                .bytes(files, attempt.plan().jobs());
        if (!findings.isEmpty()) {
            throw Finding.failure(
                    Problem.DAMAGED,
                    "the backup was written but does not read back, so it was unsealed",
                    findings,
                    "look at the disk and the system log, then run the backup again");
        }
    }

    private static void unseal(BackupAttempt attempt) {
        String path = attempt.draft().path() + "/" + BackupFolder.MANIFEST;
        try {
            attempt.draft().repository().store().delete(path);
        } catch (IOException e) {
            throw StorageErrors.writing(path, e);
        }
    }
}
