package io.hyperkeep.export;

import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.storage.BackupStore;
import java.io.IOException;

/**
 * Removes the folder of a backup that was never sealed: its schema files, its half-written ones. Data files are elsewhere
 * and stay, because a restart may use them. Thread-safe: it has no state.
 *
 * <p>Only for whoever knows that no live run works on the folder.
 */
public final class DiscardDraft {
    private DiscardDraft() {}

    /**
     * Removes it, unless there is a manifest in it: then it is a backup, whatever anybody says of the run.
     *
     * @param path of the folder in the store; need not exist
     */
    public static void run(BackupStore store, String path) throws IOException {
        if (store.size(path + "/" + BackupFolder.MANIFEST).isEmpty()) {
            remove(store, path);
        }
    }

    private static void remove(BackupStore store, String path) throws IOException {
        for (String name : store.list(path)) {
            remove(store, path + "/" + name);
        }
        store.delete(path);
    }
}
