package io.hyperkeep.retention;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.DatabaseFolder;
import io.hyperkeep.storage.FolderLock;
import io.hyperkeep.storage.FolderLocks;
import io.hyperkeep.storage.FolderUse;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Deletes the backups of a database that no rule keeps, and every file that no backup needs. Thread-safe.
 *
 * <p>It is alone with the folder while it deletes, and begins with what makes a backup one: after a crash at any instant
 * a backup is either whole or none, and the next prune collects the rest.
 */
public final class Prune {
    // what there is below a backup's folder; nothing else is entered, least of all where a link leads
    private static final Set<String> SUBFOLDERS = Set.of("schema", "dump", "restore", "properties");

    private final DatabaseFolder folder;
    private final BackupStore store;
    private final FolderLocks locks;
    private final PruneRules rules;
    private final Clock clock;

    public Prune(DatabaseFolder folder, FolderLocks locks, PruneRules rules, Clock clock) {
        this.folder = folder;
        this.store = folder.store();
        this.locks = locks;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Prunes.
     *
     * @param what for others who look for who is there, such as {@code prune run 12}
     * @return what was deleted
     * @throws BackupException LOCKED while somebody else works there; DAMAGED when a manifest can not be read: then
     *     nothing was deleted; STORAGE; INTERRUPTED when this thread was interrupted
     */
    public PrunePlan run(String what, RunProgress progress) {
        // told by requireHeld, before each deletion
        try (FolderLock lock = locks.acquire(FolderUse.PRUNE, what, lost -> {})) {
            PrunePlan plan = new PlanPrune(folder, rules, clock).run();
            progress.expect(plan.garbage().size(), plan.bytes());
            run(plan, lock, progress);
            for (PrunePlan part : plan.parts()) {
                FolderLocks itsLocks = locks.of(part.folder());
                // nobody makes a part without the cluster's lock, but somebody may read one
                try (FolderLock itsLock = itsLocks.acquire(FolderUse.PRUNE, what, lost -> {})) {
                    new Prune(part.folder(), itsLocks, rules, clock).run(part, itsLock, progress);
                }
            }
            return plan;
        } catch (IOException e) {
            throw StorageErrors.writing(folder.path().toString(), e);
        }
    }

    private void run(PrunePlan plan, FolderLock lock, RunProgress progress) throws IOException {
        unseal(plan, lock);
        sweep(plan, lock, progress);
        deleteFolders(plan, lock);
    }

    /** First of all: without its manifest it is no backup, and nobody misses a file of it. */
    private void unseal(PrunePlan plan, FolderLock lock) throws IOException {
        for (FoundBackup backup : plan.going()) {
            String path = path(backup.folder().id());
            delete(path + "/" + BackupFolder.MANIFEST, lock);
            // it must not come back after a power failure that its files do not survive
            store.force(path);
        }
    }

    private void deleteFolders(PrunePlan plan, FolderLock lock) throws IOException {
        List<String> ids = new ArrayList<>(plan.unfinished());
        plan.going().forEach(backup -> ids.add(backup.folder().id()));
        List<String> left = new ArrayList<>();
        for (String id : ids) {
            try {
                deleteFolder(path(id), lock);
            } catch (DirectoryNotEmptyException e) {
                left.add(id);
            }
        }
        if (!left.isEmpty()) {
            throw new BackupException(
                    Problem.STORAGE,
                    "everything else was pruned, but folders in "
                            + folder.root().resolve(folder.backupsPath()) + " hold something that is not hyperkeep's: "
                            + String.join(", ", left),
                    "move that elsewhere, and delete these folders: they are no backups any more");
        }
    }

    private void deleteFolder(String path, FolderLock lock) throws IOException {
        for (String name : store.list(path)) {
            if (SUBFOLDERS.contains(name)) {
                for (String file : store.list(path + "/" + name)) {
                    delete(path + "/" + name + "/" + file, lock);
                }
            }
            delete(path + "/" + name, lock);
        }
        delete(path, lock);
    }

    private void sweep(PrunePlan plan, FolderLock lock, RunProgress progress) throws IOException {
        Set<String> tables = new TreeSet<>();
        for (Garbage file : plan.garbage()) {
            delete(file.path(), lock);
            progress.unitDone(file.bytes());
            if (file.path().startsWith(folder.dataPath() + "/")) {
                tables.add(file.path().substring(0, file.path().lastIndexOf('/')));
            }
        }
        for (String table : tables) {
            if (store.list(table).isEmpty()) {
                delete(table, lock);
            }
        }
    }

    private void delete(String path, FolderLock lock) throws IOException {
        if (Thread.interrupted()) {
            throw new BackupException(
                    Problem.INTERRUPTED,
                    "the prune of " + folder.path() + " was stopped before its end",
                    "every backup is either whole or gone; the next prune deletes what is left");
        }
        lock.requireHeld();
        store.delete(path);
    }

    private String path(String id) {
        return folder.backupsPath() + "/" + id;
    }
}
