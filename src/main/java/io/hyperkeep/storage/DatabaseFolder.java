package io.hyperkeep.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One database's folder in a repository.
 *
 * @param store the repository's files
 * @param root the repository's folder
 * @param name the folder's name, as {@link FileNames} makes it
 */
public record DatabaseFolder(BackupStore store, Path root, String name) {
    /** The folder. */
    public Path path() {
        return root.resolve(name);
    }

    /** Path of the backups' folders in the store. */
    public String backupsPath() {
        return name + "/backups";
    }

    /** Path of the data files' folders in the store. */
    public String dataPath() {
        return name + "/data";
    }

    /** The folder of a cluster's databases: a repository of its own, which need not be there. */
    public Path partsRoot() {
        return path().resolve("databases");
    }

    /** Path of the folder with the evidence of drills in the store. */
    public String drillsPath() {
        return name + "/drills";
    }

    /** Path of the locks' folder in the store. */
    public String locksPath() {
        return name + "/locks";
    }

    /**
     * Every backup that is sealed, in the order of their ids; unsealed ones do not exist.
     *
     * @throws io.hyperkeep.problem.BackupException when it can not be read
     */
    public List<BackupFolder> backups() {
        List<BackupFolder> found = new ArrayList<>();
        try {
            for (String id : store.list(backupsPath())) {
                BackupFolder folder = new BackupFolder(path().resolve("backups").resolve(id));
                if (folder.isSealed()) {
                    found.add(folder);
                }
            }
            return found;
        } catch (IOException e) {
            throw StorageErrors.reading(path().toString(), e);
        }
    }
}
