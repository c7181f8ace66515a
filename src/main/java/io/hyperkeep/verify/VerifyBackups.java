package io.hyperkeep.verify;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Verifies backups one after the other, a file that several of them share once, and keeps prunes from deleting what is
 * being read until it is closed. Not thread-safe; may be closed by another thread.
 */
public final class VerifyBackups implements AutoCloseable {
    private final Clock clock;
    private final Consumer<String> log;
    private final int jobs;
    private final BiFunction<BackupFolder, Manifest, List<Finding>> archive;
    private final FilesRead read = new FilesRead();
    private final Map<Path, FolderLock> locks = new LinkedHashMap<>();

    /**
     * @param log told what takes long, and what was found dead
     * @param jobs number of files that are read at the same time
     * @param archive what else is wrong with a backup whose files are whole
     */
    public VerifyBackups(
            Clock clock, Consumer<String> log, int jobs, BiFunction<BackupFolder, Manifest, List<Finding>> archive) {
        this.clock = clock;
        this.log = log;
        this.jobs = jobs;
        this.archive = archive;
    }

    /**
     * Locks the folders of these backups' databases, where this process may write there.
     *
     * @param what for others who look for who is there, such as {@code verify run 12}
     * @param lost told when a lock was taken away
     * @throws BackupException LOCKED while a prune works there; STORAGE
     */
    public void lock(List<BackupFolder> backups, String what, Consumer<BackupException> lost) {
        for (BackupFolder backup : backups) {
            if (!locks.containsKey(backup.databaseFolder())) {
                backup.inRepository().ifPresent(folder -> lock(folder, what, lost));
            }
        }
    }

    private void lock(DatabaseFolder folder, String what, Consumer<BackupException> lost) {
        new FolderLocks(folder, clock, log).acquireToRead(what, lost).ifPresent(lock -> locks.put(folder.path(), lock));
    }

    /**
     * Verifies one backup; a manifest that can not be read is what is wrong with it.
     *
     * @throws BackupException when its files can not be looked at; INTERRUPTED
     */
    public VerifiedBackup run(BackupFolder backup, RunProgress progress) {
        try {
            Manifest manifest = backup.manifest();
            List<Finding> findings = new VerifyFiles(backup, progress, read).run(jobs);
            return new VerifiedBackup(
                    backup, manifest, findings.isEmpty() ? archive.apply(backup, manifest) : findings);
        } catch (BackupException e) {
            if (e.problem() != Problem.DAMAGED) {
                throw e;
            }
            // one that can not be read keeps nobody from the others
            return new VerifiedBackup(
                    backup, null, List.of(new Finding(BackupFolder.MANIFEST, String.valueOf(e.getMessage()))));
        }
    }

    /** Number of files that were read. */
    public int files() {
        return read.count();
    }

    @Override
    public void close() {
        locks.values().forEach(FolderLock::close);
        locks.clear();
    }
}
