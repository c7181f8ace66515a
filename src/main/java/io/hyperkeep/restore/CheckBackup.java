package io.hyperkeep.restore;

import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.StoredFile;
import io.hyperkeep.verify.VerifyFiles;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads every file that a plan needs, before the target is touched: a damaged backup is found out while nothing has
 * happened yet. Thread-safe.
 */
public final class CheckBackup {
    private final BackupFolder backup;
    private final RunProgress progress;

    public CheckBackup(BackupFolder backup, RunProgress progress) {
        this.backup = backup;
        this.progress = progress;
    }

    /**
     * Compares each file's length and SHA-256 with the manifest's.
     *
     * @param jobs number of threads
     * @throws io.hyperkeep.problem.BackupException DAMAGED, naming every file that is missing, cut or altered
     */
    public void run(RestorePlan plan, int jobs) {
        List<StoredFile> files = new ArrayList<>(StoredFile.schema(backup, plan.manifest()));
        plan.units().forEach(unit -> files.add(StoredFile.data(backup, unit.unit())));
        List<Finding> findings = new VerifyFiles(backup, progress).bytes(files, jobs);
        if (!findings.isEmpty()) {
            throw Finding.failure(
                    Problem.DAMAGED,
                    "cannot restore backup " + plan.manifest().id() + ", "
                            + (findings.size() == 1 ? "a file is" : findings.size() + " files are") + " damaged",
                    findings,
                    "nothing was done to the target. Copy these files again from where the backup was copied from,"
                            + " restore the other tables with --exclude, or use another backup");
        }
    }
}
