package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.WriteArchive;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.StorageErrors;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.StoredFile;
import io.hyperkeep.verify.VerifyFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
        // after the manifest has its name: whoever took the lock away before has not seen it
        attempt.lock().requireHeld();
        BackupFolder backup = new BackupFolder(attempt.draft().folder());
        Manifest manifest = backup.manifest();
        Map<Boolean, List<StoredFile>> schema = StoredFile.schema(backup, manifest).stream()
                .collect(Collectors.partitioningBy(file -> file.name().startsWith(WriteArchive.DUMP + "/")));
        List<StoredFile> files = new ArrayList<>(schema.getOrDefault(false, List.of()));
        manifest.tables().stream()
                .flatMap(table -> table.units().stream())
                .filter(unit -> !unit.reused())
                .map((UnitEntry unit) -> StoredFile.data(backup, unit))
                .forEach(files::add);
        List<Finding> findings = new ArrayList<>(new VerifyFiles(backup, attempt.progress())
                .bytes(files, attempt.plan().jobs()));
        findings.addAll(VerifyFiles.lengths(reused(backup, manifest)));
        // their checksums are of what was read back already, after pg_dump had forced them to disk
        findings.addAll(VerifyFiles.lengths(schema.getOrDefault(true, List.of())));
        if (!findings.isEmpty()) {
            throw Finding.failure(
                    Problem.DAMAGED,
                    "the backup was written but does not read back, so it was unsealed",
                    findings,
                    "look at the disk and the system log, then run the backup again");
        }
    }

    /** They passed when they were sealed or reused, and `verify` reads them; but they must be there. */
    private static List<StoredFile> reused(BackupFolder backup, Manifest manifest) {
        return manifest.tables().stream()
                .flatMap(table -> table.units().stream())
                .filter(UnitEntry::reused)
                .map(unit -> StoredFile.data(backup, unit))
                .toList();
    }

    private static void unseal(BackupAttempt attempt) {
        String path = attempt.draft().path() + "/" + BackupFolder.MANIFEST;
        try {
            BackupStore store = attempt.draft().repository().store();
            store.delete(path);
            store.force(attempt.draft().path());
        } catch (IOException e) {
            throw StorageErrors.writing(path, e);
        }
    }
}
