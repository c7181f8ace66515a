package io.hyperkeep.storage;

/** What somebody does in a database's folder of a repository, as far as it matters to others there. */
public enum FolderUse {
    /** Reads sealed backups: they have to stay. */
    READ,
    /** Writes a backup, and refers to files of earlier ones: these have to stay, and names must not be taken twice. */
    BACKUP,
    /** Deletes. */
    PRUNE;

    /** Whether both may be there at the same time. */
    boolean goesWith(FolderUse other) {
        return this == READ && other != PRUNE || other == READ && this != PRUNE;
    }
}
