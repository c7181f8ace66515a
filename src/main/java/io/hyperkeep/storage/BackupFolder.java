package io.hyperkeep.storage;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.manifest.UnreadableManifest;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One backup's folder: {@code <repository>/<database>/backups/<id>}; enough to restore it, wherever it was copied to
 * together with the {@code data} folder beside {@code backups}.
 *
 * @param path the folder, absolute and normalised
 */
public record BackupFolder(Path path) {
    public static final String MANIFEST = "manifest.json";

    /** A file that says that this backup stays, whatever the rules of retention say. */
    public static final String PIN = "pinned";

    public BackupFolder {
        path = path.toAbsolutePath().normalize();
    }

    /** The backup's id. */
    public String id() {
        return path.getFileName().toString();
    }

    /** The folder that holds {@code backups} and {@code data}; data files' paths start below it. */
    public Path databaseFolder() {
        return path.getParent().getParent();
    }

    /** The same folder as a part of its repository; empty for a copy that was made without {@code hyperkeep.json}. */
    public Optional<DatabaseFolder> inRepository() {
        Path database = databaseFolder();
        Path root = database.getParent();
        return root != null && Repository.isIn(root)
                ? Optional.of(new DatabaseFolder(
                        new LocalStore(root), root, database.getFileName().toString()))
                : Optional.empty();
    }

    /**
     * Whether the manifest is there, which is what makes it a backup.
     *
     * @throws BackupException STORAGE when the folder cannot be looked at
     */
    public boolean isSealed() {
        return FileKind.isFile(path.resolve(MANIFEST));
    }

    /**
     * Seals a backup: writes its manifest, last of all.
     *
     * @param store where it is
     * @param folder the backup's folder in the store
     * @param manifest what it says
     * @throws IOException when it could not be written; then there is no backup
     */
    public static void seal(BackupStore store, String folder, Manifest manifest) throws IOException {
        ManifestFile.write(store, folder, manifest);
    }

    /** Whether somebody said that it stays, whatever the rules of retention say. */
    public boolean isPinned() {
        return FileKind.exists(path.resolve(PIN));
    }

    /**
     * Says that it stays, or no longer. Only for who holds the lock of a reader, so that no prune has decided already.
     *
     * @param store where it is
     * @param folder the backup's folder in the store
     */
    public void pin(BackupStore store, String folder, boolean stays) throws IOException {
        if (!stays) {
            store.delete(folder + "/" + PIN);
            return;
        }
        try (PendingFile file = store.begin(folder, PIN)) {
            file.commit(PIN);
        }
    }

    /**
     * The backup of one database of a cluster.
     *
     * @param path as the cluster's manifest has it
     */
    public BackupFolder part(String path) {
        return new BackupFolder(databaseFolder().resolve(path));
    }

    /** Where a unit's file is. */
    public Path file(UnitEntry unit) {
        return databaseFolder().resolve(unit.file());
    }

    /**
     * Reads the manifest.
     *
     * @throws BackupException when this is no backup (NOT_FOUND), or its manifest can not be read (DAMAGED)
     */
    public Manifest manifest() {
        if (!isSealed()) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no backup in " + path + ": it has no " + MANIFEST,
                    "`hyperkeep backups --repository DIR` lists the backups of a repository");
        }
        Path file = path.resolve(MANIFEST);
        try {
            return ManifestFile.read(path);
        } catch (UnreadableManifest e) {
            throw new BackupException(
                    Problem.DAMAGED,
                    "cannot read " + file + ": " + e.getMessage(),
                    e.writtenByNewerVersion()
                            ? "use the hyperkeep that wrote it, or a newer one"
                            : "copy the file again from where the backup was copied from, or use another backup",
                    e);
        } catch (IOException e) {
            throw StorageErrors.reading(file.toString(), e);
        }
    }
}
